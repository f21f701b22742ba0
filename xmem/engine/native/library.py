"""The C++ of this folder, compiled for the processor at hand and loaded; a second or two, once in a process."""

import ctypes
import os
import shlex
import subprocess
import tempfile
from ctypes import c_bool, c_int, c_long, c_void_p
from functools import cache
from pathlib import Path

import torch

from xmem.engine.compiling import CompilerError
from xmem.engine.winograd import FAR, NEAR

SOURCES = Path(__file__).parent
FLAGS = ("-std=c++17", "-O3", "-fopenmp", "-shared", "-fPIC")
PROCESSOR = "-march=native"
FORMATS = {torch.float32: "fp32", torch.bfloat16: "bf16"}  # how the names of their functions end


class Shape(ctypes.Structure):
    """Of a convolution by tiles: its images, and channels of what goes in and comes out."""

    _fields_ = tuple((name, c_int) for name in ("batch", "height", "width", "into", "out"))


# What functions return, and what they take; those of formats without the end of their names.
FUNCTIONS = {
    "panel_width": (c_int, []),
    "top_k_workspace": (c_long, [c_long, c_int, c_int]),
}
OF_FORMATS = {
    "select_top_k": (c_bool, [c_void_p, c_long, c_long, c_long, c_int, *3 * [c_void_p], c_int]),
    "tiles_workspace": (c_long, [Shape, c_long, c_int]),
    "convolve_tiles": (None, [*6 * [c_void_p], Shape, c_bool, c_bool, c_long, c_int]),
}


@cache
def load_library(processor: str = PROCESSOR) -> ctypes.CDLL:
    """Compile with g++, or what CXX names. Threads are those of torch, whose OpenMP is loaded already.

    Args:
        processor: the compiler's flag for what is to run it.

    Raises:
        CompilerError: there is no compiler, or it fails, or what it makes cannot be loaded.
    """
    library = _compiled(processor, f"-DNEAR={NEAR}f", f"-DFAR={FAR}f")
    of_formats = {f"{name}_{end}": types for name, types in OF_FORMATS.items() for end in FORMATS.values()}
    for name, (result, arguments) in {**FUNCTIONS, **of_formats}.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def _compiled(*flags: str) -> ctypes.CDLL:
    compiler = shlex.split(os.environ.get("CXX", "")) or ["g++"]
    sources = [str(path) for path in sorted(SOURCES.glob("*.cpp"))]
    try:
        with tempfile.TemporaryDirectory(prefix="xmem-") as folder:
            library = Path(folder) / "native.so"
            command = [*compiler, *FLAGS, *flags, *sources, "-o", str(library)]
            subprocess.run(command, check=True, capture_output=True, text=True, errors="replace")  # noqa: S603
            return ctypes.CDLL(str(library))
    except subprocess.CalledProcessError as error:
        raise CompilerError(f"expected {compiler[0]} to compile {SOURCES}, found: {_reason(error.stderr)}") from error
    except OSError as error:
        raise CompilerError(
            f"expected {compiler[0]} to make a library that can be loaded (CXX names another compiler, TMPDIR another "
            f"folder), found: {error}"
        ) from error


def _reason(said: str) -> str:
    """The line in which a compiler, or its linker, says why."""
    lines = [line for line in said.splitlines() if not line.startswith("collect2")] or ["nothing that it said"]
    return next((line for line in lines if "error:" in line), lines[0])
