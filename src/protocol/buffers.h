// Hot path: see architecture §9
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace slsart::protocol {

// Lends strings that keep their capacity, so that heads and bodies in pieces cost no allocation in
// the long run and idle connections no memory.
class Buffers {
 public:
  std::string take() {
    if (free_.empty()) return {};
    std::string buffer = std::move(free_.back());
    free_.pop_back();
    return buffer;
  }

  // Buffers that grew large or are too many go back to the heap.
  void give(std::string&& buffer) {
    if (buffer.capacity() == std::string().capacity()) return;
    if (buffer.capacity() > kLargestKept || free_.size() >= kMostKept) return;
    buffer.clear();
    free_.push_back(std::move(buffer));
  }

 private:
  static constexpr std::size_t kLargestKept = std::size_t{1} << 20;
  static constexpr std::size_t kMostKept = 64;
  std::vector<std::string> free_;
};

}  // namespace slsart::protocol
