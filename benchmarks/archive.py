"""Pack masks as COCO run lengths into one JSON, from which they can be scored and compared as from their folder.

python -m benchmarks.archive masks=runs/davis17_val/xmem-fp32-480p-1234abcd output=masks.json.gz
"""

from pathlib import Path

from omegaconf import DictConfig

from benchmarks.command_line import run_with_hydra
from benchmarks.config import MaskArchiveConfig, to_config


def main(composed: DictConfig) -> None:
    """Pack the masks that were named, and say how many there are."""
    config = to_config(composed, MaskArchiveConfig)
    # What follows needs OpenCV and Pillow, for which `--help` and a mistyped option should not wait.
    from rich.console import Console  # noqa: PLC0415

    from benchmarks.artifacts import make_folder, write_atomically  # noqa: PLC0415
    from benchmarks.mask_sources import open_masks  # noqa: PLC0415
    from benchmarks.mask_sources.mask_archive import encode_archive  # noqa: PLC0415
    from benchmarks.mask_sources.packing import pack_masks  # noqa: PLC0415
    from benchmarks.recorded import require_finished  # noqa: PLC0415
    from reports.run_folder import RunFolder  # noqa: PLC0415
    from reports.wording import counted  # noqa: PLC0415

    path, output = Path(config.masks), Path(config.output)
    if RunFolder(path).run_file.exists():
        require_finished(RunFolder(path))
    with open_masks(path) as masks:
        archive = pack_masks(masks)
    content = encode_archive(archive, compressed=output.suffix == ".gz")
    make_folder(output.parent)
    write_atomically(output, content)
    count = sum(len(video.file_names) for video in archive.videos)
    packed = f"{counted(count, 'mask')} of {counted(len(archive.videos), 'sequence')}"
    line = f"{packed} in {counted(len(content), 'byte')}: {output}"
    Console().print(line, markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    run_with_hydra(main, config_name="archive")
