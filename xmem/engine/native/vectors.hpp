// Numbers side by side, as wide as the processor has registers for.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__AVX512F__)
constexpr int LANES = 16;
#elif defined(__AVX2__)
constexpr int LANES = 8;
#else
constexpr int LANES = 4;
#endif
constexpr int LINE = 64;  // bytes of a cache line

typedef float Vector __attribute__((vector_size(4 * LANES)));
typedef int32_t Mask __attribute__((vector_size(4 * LANES)));
typedef uint32_t Bits __attribute__((vector_size(4 * LANES)));
typedef uint16_t HalfBits __attribute__((vector_size(2 * LANES)));

struct BFloat16 {
  uint16_t bits;
};

template <class V, class T>
V read(const T* from) {
  V value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class V, class T>
void write(T* to, V value) {
  std::memcpy(to, &value, sizeof value);
}

inline Bits rounded(Vector vector) {  // to bf16, to even where it lies between two
  const Bits bits = (Bits)vector;
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

inline Vector load(const float* from) { return read<Vector>(from); }
inline Vector load(const BFloat16* from) { return (Vector)(__builtin_convertvector(read<HalfBits>(from), Bits) << 16); }
inline float number(float value) { return value; }
inline float number(BFloat16 value) {
  const uint32_t bits = (uint32_t)value.bits << 16;
  return read<float>(&bits);
}

inline void store(float* to, Vector vector) { write(to, vector); }
inline void store(BFloat16* to, Vector vector) { write(to, __builtin_convertvector(rounded(vector), HalfBits)); }

inline Vector rectified(Vector x) { return x < 0 ? Vector{} : x; }  // what is not a number stays none

inline bool any(Mask mask) {
  int32_t all = 0;
  for (int lane = 0; lane < LANES; lane++) all |= mask[lane];
  return all != 0;
}
