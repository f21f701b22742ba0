"""Pack masks for an evaluation server, once every one of them is sound; or record what the server answered.

python -m benchmarks.submit run=runs/davis17_test_dev/xmem-fp32-480p-1234abcd
python -m benchmarks.submit run=runs/davis17_test_dev/xmem-fp32-480p-1234abcd answer=scores.txt
python -m benchmarks.submit masks=DIR dataset=youtube19_val output=masks.zip
"""

from omegaconf import DictConfig

from benchmarks.command_line import run_with_hydra
from benchmarks.config import SubmitConfig, to_config


def main(composed: DictConfig) -> None:
    """Lint and pack the masks that were named, or record the answer to them."""
    config = to_config(composed, SubmitConfig)
    # What follows needs OpenCV and Pillow, for which `--help` and a mistyped option should not wait.
    from pathlib import Path  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415

    from benchmarks.artifacts import write_atomically  # noqa: PLC0415
    from benchmarks.errors import InputError  # noqa: PLC0415
    from benchmarks.inspection.defects import defect_lines  # noqa: PLC0415
    from benchmarks.progress import RunProgress  # noqa: PLC0415
    from benchmarks.submission.candidate import find_candidate  # noqa: PLC0415
    from benchmarks.submission.mask_lint import lint_masks  # noqa: PLC0415
    from benchmarks.submission.server_zip import write_zip  # noqa: PLC0415
    from benchmarks.submission.submitted_run import record_answer, record_submission  # noqa: PLC0415
    from reports.cell_table import run_table  # noqa: PLC0415
    from reports.wording import counted  # noqa: PLC0415

    console = Console()
    candidate = find_candidate(config)
    if candidate.folder is not None and config.answer is not None:
        answered = record_answer(candidate.folder, candidate.dataset, Path(config.answer))
        text = run_table(candidate.folder)
        write_atomically(candidate.folder.table_file, text.encode())
        if missing := [name for name, figure in answered.figures.items() if figure is None]:
            text += f"\nnot in {config.answer}: {', '.join(missing)}"
        console.print(text, markup=False, highlight=False, soft_wrap=True)
        return
    sequences = candidate.dataset.sequences
    with RunProgress(console, frames=sum(len(one.written_frames) for one in sequences)) as progress:
        found = lint_masks(
            candidate.dataset, candidate.masks, on_sequence=lambda one: progress.advance(len(one.written_frames))
        )
    for line in defect_lines([*found.defects, *found.remarks]):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if found.defects:
        count = f"{len(found.defects)} defect{'s' if len(found.defects) > 1 else ''}"
        raise InputError(f"{candidate.masks}: expected masks that the server takes, found {count}")
    record = write_zip(candidate.dataset, candidate.masks, candidate.output, form=candidate.form)
    packed = f"{counted(record.masks, 'mask')} of {counted(len(sequences), 'sequence')}"
    line = f"{record.zip}: {packed}, SHA-256 {record.zip_sha256}"
    if candidate.folder is not None:
        record_submission(candidate.folder, record)
        line += f"\nthen: python -m benchmarks.submit run={candidate.folder.path} answer=scores.txt"
    console.print(line, markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    run_with_hydra(main, config_name="submit")
