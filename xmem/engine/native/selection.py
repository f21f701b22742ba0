"""The most similar elements of memory, found in C++; `xmem.memory.similarity.top_k_affinity` says what is computed."""

import torch
from jaxtyping import Float
from torch import Tensor

from xmem.engine.native.library import FORMATS, load_library
from xmem.memory.similarity import Affinity, top_k_affinity


def select_top_k(similarity: Float[Tensor, "queries elements"], *, k: int) -> Affinity:
    """As `top_k_affinity`; the elements of a query come in the order of memory, of equals the first.

    `top_k_affinity` itself is asked where something is not a number, there are fewer elements, or similarities are not
    on the CPU or not in fp32 or bf16.
    """
    queries, elements = similarity.shape
    if elements < k or similarity.device.type != "cpu" or similarity.dtype not in FORMATS:
        return top_k_affinity(similarity, k=k)
    similarity = similarity if similarity.stride(1) == 1 else similarity.contiguous()
    library, threads = load_library(), torch.get_num_threads()
    best, chosen = torch.empty(queries, k), torch.empty(queries, k, dtype=torch.int64)
    workspace = torch.empty(library.top_k_workspace(elements, k, threads), dtype=torch.uint8)
    addresses = [tensor.data_ptr() for tensor in (best, chosen, workspace)]
    select = getattr(library, f"select_top_k_{FORMATS[similarity.dtype]}")
    if not select(similarity.data_ptr(), queries, elements, similarity.stride(0), k, *addresses, threads):
        return top_k_affinity(similarity, k=k)
    return Affinity(weights=torch.softmax(best, dim=1), elements=chosen)
