// The k greatest numbers of every row, in two looks at it: the best of each of some groups of columns give a bound that
// no number of the top k is below, and the few that reach it are collected and sorted.

#include <omp.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>

#include "vectors.hpp"

namespace {

constexpr int SHARE = 2;  // groups for each of the k: with fewer the bound is low and much is collected

struct Candidate {
  float value;
  int32_t column;

  bool operator<(const Candidate& other) const {  // the better one is less; of equals the first
    return value != other.value ? value > other.value : column < other.column;
  }
};

// Whether all are numbers; and then what no number of the top k is below. `best` has room for the groups.
template <class Item>
bool find_bound(const Item* row, long columns, int k, int groups, float* best, float* bound) {
  std::fill_n(best, groups, -std::numeric_limits<float>::infinity());
  Mask strange{};
  long column = 0;
  for (; column + groups <= columns; column += groups)
    for (int group = 0; group < groups; group += LANES) {
      const Vector values = load(row + column + group), before = load(best + group);
      store(best + group, values > before ? values : before);
      strange |= values != values;
    }
  bool numbers = !any(strange);
  for (int group = 0; column + group < columns; group++) {
    const float value = number(row[column + group]);
    best[group] = std::max(best[group], value);
    numbers &= value == value;
  }
  std::nth_element(best, best + k - 1, best + groups, std::greater<float>());
  *bound = best[k - 1];
  return numbers;
}

// All that reach the bound; `found` has room for every column.
template <class Item>
long collect(const Item* row, long columns, float bound, Candidate* found) {
  constexpr int STEP = 4 * LANES;
  long count = 0;
  for (long first = 0; first < columns; first += STEP) {
    const long end = std::min(columns, first + STEP);
    if (end == first + STEP) {
      Mask reaches{};
      for (int at = 0; at < STEP; at += LANES) reaches |= load(row + first + at) >= bound;
      if (!any(reaches)) continue;
    }
    for (long column = first; column < end; column++)
      if (number(row[column]) >= bound) found[count++] = {number(row[column]), (int32_t)column};
  }
  return count;
}

int groups_for(int k) { return (SHARE * k + LANES - 1) / LANES * LANES; }

long bytes_of_thread(long columns, int k) {
  return (groups_for(k) * (long)sizeof(float) + columns * (long)sizeof(Candidate) + LINE - 1) / LINE * LINE;
}

template <class Item>
bool select(const Item* matrix, long rows, long columns, long stride, int k, float* values, int64_t* chosen,
            char* workspace, int threads) {
  bool numbers = true;
#pragma omp parallel num_threads(threads) reduction(&& : numbers)
  {
    float* best = reinterpret_cast<float*>(workspace + omp_get_thread_num() * bytes_of_thread(columns, k));
    Candidate* found = reinterpret_cast<Candidate*>(best + groups_for(k));
#pragma omp for schedule(dynamic, 16)
    for (long row = 0; row < rows; row++) {
      float bound;
      if (!find_bound(matrix + row * stride, columns, k, groups_for(k), best, &bound)) {
        numbers = false;
        continue;
      }
      const long count = collect(matrix + row * stride, columns, bound, found);
      std::nth_element(found, found + k - 1, found + count);
      std::sort(found, found + k, [](const Candidate& a, const Candidate& b) { return a.column < b.column; });
      for (int i = 0; i < k; i++) {
        values[row * k + i] = found[i].value;
        chosen[row * k + i] = found[i].column;
      }
    }
  }
  return numbers;
}
}  // namespace

extern "C" {

// Bytes that `select_top_k` needs for itself.
long top_k_workspace(long columns, int k, int threads) { return threads * bytes_of_thread(columns, k); }

// Of `rows`, `stride` apart, the k greatest of at least k columns, and which columns they are, in the order of columns.
// Of equals the first are taken. False where something is not a number; then nothing is said.
bool select_top_k_fp32(const float* matrix, long rows, long columns, long stride, int k, float* values, int64_t* chosen,
                       char* workspace, int threads) {
  return select(matrix, rows, columns, stride, k, values, chosen, workspace, threads);
}
bool select_top_k_bf16(const BFloat16* matrix, long rows, long columns, long stride, int k, float* values,
                       int64_t* chosen, char* workspace, int threads) {
  return select(matrix, rows, columns, stride, k, values, chosen, workspace, threads);
}
}
