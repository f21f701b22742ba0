// 3x3 convolutions by F(4x4, 3x3) on a CPU; xmem/engine/winograd.py has the arithmetic in words and in torch.
//
// What is transformed stays in the caches: a block of tiles is brought to the points, and each thread then takes some
// output channels at a time (a panel), brings their kernel to the points, multiplies, and reads the results back. So a
// kernel is kept as it is, 9 numbers and not 36. Sums do not depend on blocks, threads or other images.

#include <omp.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "products.hpp"

namespace {

constexpr int TILE = 4, PATCH = TILE + 2, POINTS = PATCH * PATCH;

// The points are 0, NEAR, -NEAR, FAR, -FAR and infinity.
constexpr float NEAR2 = NEAR * NEAR, FAR2 = FAR * FAR;
constexpr float NEAR_SCALE = 1 / (2 * NEAR2 * (NEAR2 - FAR2)), FAR_SCALE = 1 / (2 * FAR2 * (FAR2 - NEAR2));

// Six neighbours at the six points.
std::array<Vector, PATCH> image_at_points(const std::array<Vector, PATCH>& in) {
  const auto& [a, b, c, d, e, f] = in;
  const Vector near_even = e - FAR2 * c, near_odd = NEAR * (d - FAR2 * b);
  const Vector far_even = e - NEAR2 * c, far_odd = FAR * (d - NEAR2 * b);
  return {NEAR2 * FAR2 * a - (NEAR2 + FAR2) * c + e,
          near_even + near_odd,
          near_even - near_odd,
          far_even + far_odd,
          far_even - far_odd,
          NEAR2 * FAR2 * b - (NEAR2 + FAR2) * d + f};
}

// Six points to four neighbours.
std::array<Vector, TILE> from_points(const std::array<Vector, PATCH>& in) {
  const auto& [a, b, c, d, e, f] = in;
  const Vector near = b + c, far = d + e, near_odd = NEAR * (b - c), far_odd = FAR * (d - e);
  return {a + near + far, near_odd + far_odd, NEAR2 * near + FAR2 * far, NEAR2 * near_odd + FAR2 * far_odd + f};
}

struct Shape {
  int batch, height, width, into, out;

  int rows() const { return (height + TILE - 1) / TILE; }
  int columns() const { return (width + TILE - 1) / TILE; }
  long tiles() const { return (long)batch * rows() * columns(); }
};

// Where a tile begins.
struct Place {
  long image;
  int y, x;

  Place(const Shape& shape, long tile)
      : image(tile / (shape.rows() * shape.columns())),
        y(tile / shape.columns() % shape.rows() * TILE),
        x(tile % shape.columns() * TILE) {}
};

// Parts of the workspace; of `Product`s are image and kernel at the points.
template <class Product>
struct Plan {
  long block;   // tiles at a time
  long group;   // of them, which one thread multiplies with one panel
  long stride;  // of a tile's channels: a line more than they need, or rows would compete for the same lines of a cache
  long points_bytes, panel_bytes, answers_bytes;

  Plan(const Shape& shape, long tiles, int threads) : block(tiles) {
    const long panels = shape.out / PANEL, groups = (threads + panels - 1) / panels;
    group = ((block + groups - 1) / groups + ROWS - 1) / ROWS * ROWS;
    stride = shape.into + LINE / sizeof(Product);
    points_bytes = POINTS * block * stride * sizeof(Product);
    panel_bytes = PATCH * (long)shape.into * PANEL * sizeof(Product);
    answers_bytes = POINTS * group * PANEL * sizeof(float);
  }

  long bytes(const Shape& shape, int threads) const {
    return LINE + points_bytes + shape.into * (long)sizeof(float) + threads * (panel_bytes + answers_bytes);
  }
};

// One tile at the points: its channels at each of them, `plane` apart. Outside of the image there are zeros.
template <class Item, class Product>
void transform_tile(const Item* image, const Shape& shape, long tile, bool rectify, const Item* zeros, Product* points,
                    long plane) {
  const Place place(shape, tile);
  const Item* patch[PATCH][PATCH];
  for (int i = 0; i < PATCH; i++)
    for (int j = 0; j < PATCH; j++) {
      const int y = place.y + i - 1, x = place.x + j - 1;
      const bool inside = 0 <= y && y < shape.height && 0 <= x && x < shape.width;
      patch[i][j] = inside ? image + ((place.image * shape.height + y) * shape.width + x) * shape.into : zeros;
    }
  for (int channel = 0; channel < shape.into; channel += LANES) {
    std::array<Vector, PATCH> half[PATCH];  // at points along y, by x
    for (int j = 0; j < PATCH; j++) {
      std::array<Vector, PATCH> column;
      for (int i = 0; i < PATCH; i++) {
        column[i] = load(patch[i][j] + channel);
        if (rectify) column[i] = rectified(column[i]);
      }
      half[j] = image_at_points(column);
    }
    for (int i = 0; i < PATCH; i++) {
      const auto row = image_at_points({half[0][i], half[1][i], half[2][i], half[3][i], half[4][i], half[5][i]});
      for (int j = 0; j < PATCH; j++) store(points + (i * PATCH + j) * plane + channel, row[j]);
    }
  }
}

// What a kernel is at the six points.
constexpr float KERNEL[PATCH][3] = {
    {1 / (NEAR2 * FAR2), 0, 0},
    {NEAR_SCALE, NEAR_SCALE * NEAR, NEAR_SCALE * NEAR2},
    {NEAR_SCALE, -NEAR_SCALE * NEAR, NEAR_SCALE * NEAR2},
    {FAR_SCALE, FAR_SCALE * FAR, FAR_SCALE * FAR2},
    {FAR_SCALE, -FAR_SCALE * FAR, FAR_SCALE * FAR2},
    {0, 0, 1},
};

// A panel's kernel (3, 3, into, PANEL) at the points of one row, for one input channel and one vector.
std::array<Vector, PATCH> kernel_row(const float* kernel, long plane, int row) {
  Vector half[3];  // at the row, by x
  for (int j = 0; j < 3; j++) {
    half[j] = Vector{};
    for (int i = 0; i < 3; i++) half[j] += KERNEL[row][i] * load(kernel + (3 * i + j) * plane);
  }
  std::array<Vector, PATCH> points;
  for (int j = 0; j < PATCH; j++) points[j] = KERNEL[j][0] * half[0] + KERNEL[j][1] * half[1] + KERNEL[j][2] * half[2];
  return points;
}

// A row of points of a panel: (6, into, PANEL).
void transform_kernel(const float* kernel, int into, int row, float* panel) {
  const long plane = (long)into * PANEL;
  for (long at = 0; at < plane; at += LANES) {
    const auto points = kernel_row(kernel + at, plane, row);
    for (int j = 0; j < PATCH; j++) store(panel + j * plane + at, points[j]);
  }
}

// In bf16 two input channels lie side by side: (6, into / 2, PANEL, 2).
void transform_kernel(const float* kernel, int into, int row, BFloat16* panel) {
  const long plane = (long)into * PANEL;
  for (long channel = 0; channel < into; channel += 2)
    for (int lane = 0; lane < PANEL; lane += LANES) {
      const auto first = kernel_row(kernel + channel * PANEL + lane, plane, row);
      const auto second = kernel_row(kernel + (channel + 1) * PANEL + lane, plane, row);
      for (int j = 0; j < PATCH; j++)
        write(panel + j * plane + channel * PANEL + 2 * lane, rounded(first[j]) | rounded(second[j]) << 16);
    }
}

// What becomes of sums before they are stored.
template <class Item>
struct Finish {
  const float* bias;  // (out,)
  const Item* added;  // as the result; or null
  bool rectify;

  void operator()(Vector sum, long channel, long at, Item* out) const {
    sum += load(bias + channel);
    if (added) sum += load(added + at);
    store(out + at, rectify ? rectified(sum) : sum);
  }
};

// One tile of one panel, from `channel` on, to where it belongs.
template <class Item>
void write_tile(const float* answers, long plane, const Shape& shape, long tile, long channel, const Finish<Item>& finish,
                Item* out) {
  const Place place(shape, tile);
  for (int lane = 0; lane < PANEL; lane += LANES) {
    std::array<Vector, TILE> half[PATCH];  // results along y, at points along x
    for (int j = 0; j < PATCH; j++) {
      std::array<Vector, PATCH> column;
      for (int i = 0; i < PATCH; i++) column[i] = load(answers + (i * PATCH + j) * plane + lane);
      half[j] = from_points(column);
    }
    for (int i = 0; i < std::min(TILE, shape.height - place.y); i++) {
      const auto row = from_points({half[0][i], half[1][i], half[2][i], half[3][i], half[4][i], half[5][i]});
      const long pixel = (place.image * shape.height + place.y + i) * shape.width + place.x;
      for (int j = 0; j < std::min(TILE, shape.width - place.x); j++)
        finish(row[j], channel + lane, (pixel + j) * shape.out + channel + lane, out);
    }
  }
}

template <class Item, class Product>
void convolve(const Item* image, const float* kernel, const Finish<Item>& finish, Item* out, char* workspace,
              const Shape& shape, bool rectify, long block, int threads) {
  const Plan<Product> plan(shape, block, threads);
  workspace += -reinterpret_cast<uintptr_t>(workspace) % LINE;
  Product* points = reinterpret_cast<Product*>(workspace);
  Item* zeros = reinterpret_cast<Item*>(workspace + plan.points_bytes);
  char* own = workspace + plan.points_bytes + shape.into * sizeof(float);
  std::fill_n(zeros, shape.into, Item{});
#pragma omp parallel num_threads(threads)
  {
    char* mine = own + omp_get_thread_num() * (plan.panel_bytes + plan.answers_bytes);
    Product* panel = reinterpret_cast<Product*>(mine);
    float* answers = reinterpret_cast<float*>(mine + plan.panel_bytes);
    for (long first = 0; first < shape.tiles(); first += block) {
      const long here = std::min(block, shape.tiles() - first), groups = (here + plan.group - 1) / plan.group;
#pragma omp for schedule(static)
      for (long tile = 0; tile < here; tile++)
        transform_tile(image, shape, first + tile, rectify, zeros, points + tile * plan.stride, block * plan.stride);
#pragma omp for schedule(dynamic)
      for (long task = 0; task < shape.out / PANEL * groups; task++) {
        const long channel = task / groups * PANEL, begin = task % groups * plan.group;
        const long end = std::min(here, begin + plan.group);
        for (int row = 0; row < PATCH; row++) {
          transform_kernel(kernel + channel * shape.into * 9, shape.into, row, panel);
          for (int column = 0; column < PATCH; column++) {
            const long point = row * PATCH + column;
            for (long tile = begin; tile < end; tile += ROWS)
              multiply(std::min<long>(ROWS, end - tile), points + (point * block + tile) * plan.stride, plan.stride,
                       panel + (long)column * shape.into * PANEL, shape.into,
                       answers + (point * plan.group + tile - begin) * PANEL);
          }
        }
        for (long tile = begin; tile < end; tile++)
          write_tile(answers + (tile - begin) * PANEL, plan.group * PANEL, shape, first + tile, channel, finish, out);
      }
    }
  }
}

}  // namespace

extern "C" {

// Output channels that lie side by side in a kernel.
int panel_width() { return PANEL; }

// Bytes that `convolve_tiles` needs for itself; `block` is how many tiles are transformed at a time.
long tiles_workspace_fp32(Shape shape, long block, int threads) {
  return Plan<float>(shape, block, threads).bytes(shape, threads);
}
long tiles_workspace_bf16(Shape shape, long block, int threads) {
  return Plan<BFloat16>(shape, block, threads).bytes(shape, threads);
}

// Channels last: `image` (batch, height, width, into) to `out` (batch, height, width, out). `into` and `out` are
// multiples of 32; `kernel` is (out / PANEL, 3, 3, into, PANEL). `rectify_image`: negative numbers count as zeros.
void convolve_tiles_fp32(const float* image, const float* kernel, const float* bias, const float* added, float* out,
                         char* workspace, Shape shape, bool rectify_image, bool rectify, long block, int threads) {
  convolve<float, float>(image, kernel, {bias, added, rectify}, out, workspace, shape, rectify_image, block, threads);
}
void convolve_tiles_bf16(const BFloat16* image, const float* kernel, const float* bias, const BFloat16* added,
                         BFloat16* out, char* workspace, Shape shape, bool rectify_image, bool rectify, long block,
                         int threads) {
  convolve<BFloat16, BFloat16>(image, kernel, {bias, added, rectify}, out, workspace, shape, rectify_image, block,
                               threads);
}
}
