// Products of a few rows with a panel of a matrix, summed in registers.
#pragma once

#include <algorithm>
#include <utility>
#if defined(__AVX512BF16__)
#include <immintrin.h>
#endif

#include "vectors.hpp"

// Rows at a time; each has two vectors of sums, and some registers are left for what is multiplied.
#if defined(__AVX512F__)
constexpr int ROWS = 14;  // of 32 registers
#elif defined(__ARM_NEON)
constexpr int ROWS = 12;  // of 32
#else
constexpr int ROWS = 6;  // of 16
#endif
constexpr int PANEL = 2 * LANES;  // columns
constexpr int CHUNK = 128;        // products that are summed before the sum joins the others: long sums round more

// Products that are added at once: of fp32 one, of bf16 two. A panel is (depth / AT_ONCE, PANEL, AT_ONCE).
template <class Number>
constexpr int AT_ONCE = sizeof(float) / sizeof(Number);

inline Vector with_products(Vector sum, const float* row, const float* panel) { return sum + *row * load(panel); }

inline Vector with_products(Vector sum, const BFloat16* row, const BFloat16* panel) {
  const uint32_t pair = read<uint32_t>(row);
  const Bits pairs = read<Bits>(panel);
#if defined(__AVX512BF16__)
  return (Vector)_mm512_dpbf16_ps((__m512)sum, (__m512bh)_mm512_set1_epi32((int)pair), (__m512bh)pairs);
#else
  const uint32_t first = pair << 16, second = pair & 0xffff0000u;
  return sum + read<float>(&first) * (Vector)(pairs << 16) + read<float>(&second) * (Vector)(pairs & 0xffff0000u);
#endif
}

// (COUNT, depth), `stride` apart, x (depth, PANEL) to (COUNT, PANEL). Reads ahead: the next rows come next.
template <int COUNT, class Number>
void multiply(const Number* rows, long stride, const Number* panel, int depth, float* sums) {
  for (int first = 0; first < depth; first += CHUNK) {
    Vector parts[COUNT][2] = {};
    for (int at = first; at < std::min(depth, first + CHUNK); at += AT_ONCE<Number>) {
      const Number* column = panel + (long)at * PANEL;
      __builtin_prefetch(rows + COUNT * stride + (long)at * (COUNT + 1));
#pragma GCC unroll 16
      for (int row = 0; row < COUNT; row++) {
        parts[row][0] = with_products(parts[row][0], rows + row * stride + at, column);
        parts[row][1] = with_products(parts[row][1], rows + row * stride + at, column + LANES * AT_ONCE<Number>);
      }
    }
#pragma GCC unroll 16
    for (int row = 0; row < COUNT; row++)
      for (int half = 0; half < 2; half++) {
        float* to = sums + row * PANEL + half * LANES;
        store(to, first ? load(to) + parts[row][half] : parts[row][half]);
      }
  }
}

template <class Number, int... COUNTS>
auto multiply_by_count(int count, std::integer_sequence<int, COUNTS...>) {
  constexpr void (*BY_COUNT[])(const Number*, long, const Number*, int, float*) = {multiply<COUNTS + 1, Number>...};
  return BY_COUNT[count - 1];
}

// Up to ROWS of them.
template <class Number>
void multiply(long count, const Number* rows, long stride, const Number* panel, int depth, float* sums) {
  multiply_by_count<Number>((int)count, std::make_integer_sequence<int, ROWS>())(rows, stride, panel, depth, sums);
}
