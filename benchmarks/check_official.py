"""Hold our scores against those of the official package davis2017-evaluation, object by object, on the same masks.

python -m benchmarks.check_official official=davis2017-evaluation masks=PATH dataset=davis17_val
"""

from omegaconf import DictConfig

from benchmarks.command_line import run_with_hydra
from benchmarks.config import CheckOfficialConfig, to_config

DIFFERENT = 1  # exit status


def main(composed: DictConfig) -> None:
    """Score twice, compare, tabulate and record.

    Raises:
        SystemExit: with status 1 where a figure differs.
    """
    config = to_config(composed, CheckOfficialConfig)
    # What follows needs OpenCV and Pillow, for which `--help` and a mistyped option should not wait.
    from rich.console import Console  # noqa: PLC0415

    from benchmarks.artifacts import write_record  # noqa: PLC0415
    from benchmarks.official.check import check  # noqa: PLC0415
    from benchmarks.official.checkout import COMMIT  # noqa: PLC0415
    from reports.official_check import check_table  # noqa: PLC0415

    record, path = check(config)
    write_record(path, record)
    at = record.commit or "a commit that is not known"
    held = "" if record.commit == COMMIT else f" (the tests of this repository were held against {COMMIT})"
    ratio = record.seconds_official / record.seconds_ours
    lines = [
        f"{record.masks} on {record.dataset}, davis2017-evaluation at {at}{held}",
        check_table(record),
        f"ours took {record.seconds_ours:.1f} s, the official package {record.seconds_official:.1f} s ({ratio:.1f}x)",
        f"per object: {path}",
    ]
    Console().print("\n\n".join(lines), markup=False, highlight=False, soft_wrap=True)
    if record.different:
        raise SystemExit(DIFFERENT)


if __name__ == "__main__":
    run_with_hydra(main, config_name="check_official")
