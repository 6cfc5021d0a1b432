#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

namespace slsart::metrics {

// Measurements by second of the wall clock whose memory does not grow with the length of a run:
// cells are one second wide for the last kFineSeconds; older ones are merged into cells of
// kCoarseSeconds, and those, when there are more than kMaxCoarse, pairwise into wider ones. Coarse
// cells begin at whole multiples of their width.
//
// What comes out does not depend on the order in which seconds came in, if Cell::merge() does not.
// Requires of Cell: a default constructor that makes an empty one, `void merge(const Cell&)`.
template <typename Cell>
class Timeline {
 public:
  static constexpr std::int64_t kFineSeconds = 60;
  static constexpr std::int64_t kCoarseSeconds = 10;
  static constexpr std::size_t kMaxCoarse = 1000;

  // The cell of one second, to be added to before anything else is called; of an old one the coarse
  // cell it belongs to.
  Cell& at(std::int64_t second) {
    newest_ = is_empty_ ? second : std::max(newest_, second);
    is_empty_ = false;
    if (second <= newest_ - kFineSeconds) return coarse_at(second, second + 1);
    if (fine_.size() > 2 * kFineSeconds) age();
    return fine_[second];
  }
  // The cell of the seconds [from, to), which is made as wide as it takes. Requires: from < to.
  Cell& at(std::int64_t from, std::int64_t to) {
    return to - from == 1 ? at(from) : coarse_at(from, to);
  }
  // Moves what is older than kFineSeconds, also what came late, to the coarse cells. Call after
  // adding.
  void age() {
    while (!fine_.empty() && fine_.begin()->first <= newest_ - kFineSeconds) {
      coarse_[multiple(fine_.begin()->first)].merge(fine_.begin()->second);
      fine_.erase(fine_.begin());
    }
    while (coarse_.size() > kMaxCoarse) widen();
  }

  // The cells of single seconds, by second.
  const std::map<std::int64_t, Cell>& fine() const { return fine_; }
  // Calls visit(cell) for all cells, in any order.
  template <typename Visit>
  void for_each_cell(const Visit& visit) const {
    for (const auto& [number, cell] : coarse_) visit(cell);
    for (const auto& [second, cell] : fine_) visit(cell);
  }
  // Calls visit(from, to, cell) for all cells in order of time, none from before `origin`.
  // Requires: age().
  template <typename Visit>
  void for_each(std::int64_t origin, const Visit& visit) const {
    const std::int64_t fine_begin = std::max(newest_ - kFineSeconds + 1, origin);
    for (const auto& [number, cell] : coarse_) {
      const std::int64_t from = std::max(number * width_, origin);
      const std::int64_t to = (number + 1) * width_;
      visit(from, from < fine_begin ? std::min(to, fine_begin) : to, cell);
    }
    for (const auto& [second, cell] : fine_) visit(second, second + 1, cell);
  }

 private:
  Cell& coarse_at(std::int64_t from, std::int64_t to) {
    while (multiple(from) != multiple(to - 1)) widen();
    while (coarse_.size() > kMaxCoarse) widen();
    return coarse_[multiple(from)];
  }
  std::int64_t multiple(std::int64_t second) const {
    return second / width_ - (second % width_ < 0 ? 1 : 0);
  }
  void widen() {
    width_ *= 2;
    std::map<std::int64_t, Cell> wider;
    while (!coarse_.empty()) {
      auto node = coarse_.extract(coarse_.begin());
      node.key() = node.key() / 2 - (node.key() % 2 < 0 ? 1 : 0);
      const auto found = wider.find(node.key());
      if (found == wider.end()) {
        wider.insert(wider.end(), std::move(node));
      } else {
        found->second.merge(node.mapped());
      }
    }
    coarse_ = std::move(wider);
  }

  bool is_empty_ = true;
  std::int64_t newest_ = 0;  // of the single seconds ever added to
  std::int64_t width_ = kCoarseSeconds;
  std::map<std::int64_t, Cell> fine_;
  std::map<std::int64_t, Cell> coarse_;  // by multiple of width_
};

}  // namespace slsart::metrics
