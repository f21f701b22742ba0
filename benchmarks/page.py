"""Write the results page: tables, curves and a viewer of all runs, in one file that needs nothing else.

python -m benchmarks.page output=report.html paths.runs=runs
"""

from omegaconf import DictConfig

from benchmarks.command_line import run_with_hydra
from benchmarks.config import PageConfig, to_config


def main(composed: DictConfig) -> tuple[str, ...]:
    """Write the page, say how large it is, and name the records that cannot be read."""
    config = to_config(composed, PageConfig)
    # What follows needs OpenCV and Pillow, for which `--help` and a mistyped option should not wait.
    from pathlib import Path  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415

    from benchmarks.artifacts import make_folder, write_atomically  # noqa: PLC0415
    from benchmarks.page_pictures import take_pictures  # noqa: PLC0415
    from reports.page import render_page  # noqa: PLC0415
    from reports.result import read_results  # noqa: PLC0415
    from reports.wording import counted  # noqa: PLC0415

    results = read_results(Path(config.paths.runs))
    page = render_page(results, take_pictures(results, data=config.data)).encode()
    path = Path(config.output)
    make_folder(path.parent)
    write_atomically(path, page)
    Console().print(
        f"{path}: {len(page) / 1e6:.1f} MB, {counted(len(results.runs), 'run')}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    errors = Console(stderr=True)
    for line in results.unread:
        errors.print(f"error: {line}", markup=False, highlight=False, soft_wrap=True)
    return tuple(line.partition(": expected")[0] for line in results.unread)


if __name__ == "__main__":
    run_with_hydra(main, config_name="page")
