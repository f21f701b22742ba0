"""Draw a picture of a run: a row of frames for each sequence, under the masks that were written.

python -m benchmarks.sheet run=runs/demo/xmem_tiny-fp32-native-1234abcd
"""

from omegaconf import DictConfig

from benchmarks.command_line import run_with_hydra
from benchmarks.config import SheetConfig, to_config


def main(composed: DictConfig) -> None:
    """Draw the run that was named, and say where the picture is."""
    config = to_config(composed, SheetConfig)
    # What follows needs OpenCV and Pillow, for which `--help` and a mistyped option should not wait.
    from pathlib import Path  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415

    from benchmarks.artifacts import make_folder, write_atomically  # noqa: PLC0415
    from benchmarks.contact_sheet import draw_run, encode_picture  # noqa: PLC0415
    from reports.run_folder import RunFolder  # noqa: PLC0415

    folder = RunFolder(Path(config.run))
    picture = draw_run(folder, columns=config.columns, width=config.width, data=config.data)
    path = folder.path / "sheet.png" if config.output is None else Path(config.output)
    content = encode_picture(picture, ending=path.suffix)
    make_folder(path.parent)
    write_atomically(path, content)
    Console().print(f"{path}", markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    run_with_hydra(main, config_name="sheet")
