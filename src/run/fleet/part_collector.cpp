#include "run/fleet/part_collector.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "run/fleet/part_uploader.h"

namespace slsart::run::fleet {
namespace {

constexpr std::size_t kAtATime = 16;    // reads
constexpr std::size_t kMostHeld = 256;  // deltas in memory
// Deltas may appear under a name this many slots old: a slow put.
constexpr std::uint64_t kLateSlots = 3;

}  // namespace

std::vector<core::Result<std::optional<std::string>>> get_all(
    Store& store, const std::vector<std::string>& keys) {
  std::vector<core::Result<std::optional<std::string>>> answers(
      keys.size(), core::Error{core::ErrorCode::kIo, "not asked", {}, {}});
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < keys.size(); i = next++) answers[i] = store.get(keys[i]);
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < std::min(kAtATime, keys.size() / 4); ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  return answers;
}

core::Result<std::vector<std::string>> list_all(Store& store, std::string_view prefix,
                                                std::string after) {
  std::vector<std::string> keys;
  for (;;) {
    auto page = store.list(prefix, after);
    if (!page) return std::move(page).error();
    for (Store::Entry& entry : *page) keys.push_back(std::move(entry.key));
    if (page->size() < Store::kMaxListed) return keys;
    after = keys.back();
  }
}

PartCollector::PartCollector(Store& store, std::string run, std::uint32_t chunks, Apart apart)
    : store_(store),
      run_(std::move(run)),
      keeps_apart_(apart == Apart::kByChunk),
      parts_(chunks, 0) {}

void PartCollector::merge(const keys::DeltaName& name, const std::string& bytes) {
  const auto stored = metrics::StoredDocument::open(bytes);
  core::Result<metrics::DocumentMerger::Added> added = metrics::DocumentMerger::Added::kDuplicate;
  if (stored) added = merger_.add(*stored);
  if (!stored || !added) {
    const core::Error& error = stored ? added.error() : stored.error();
    if (fault_.empty()) fault_ = "worker " + std::to_string(name.chunk) + ": " + error.message;
    return;
  }
  if (*added != metrics::DocumentMerger::Added::kNew) return;
  if (name.chunk < parts_.size()) ++parts_[name.chunk];
  if (keeps_apart_) (void)apart_[stored->part().worker].add(*stored);
}

core::Result<void> PartCollector::take(const std::vector<std::string>& names, Memory memory,
                                       const std::function<void(std::uint32_t)>& heard) {
  for (std::size_t from = 0; from < names.size(); from += kMostHeld) {
    const auto first = names.begin() + static_cast<std::ptrdiff_t>(from);
    const auto count = std::min(kMostHeld, names.size() - from);
    const std::vector<std::string> some(first, first + static_cast<std::ptrdiff_t>(count));
    const auto answers = get_all(store_, some);
    for (std::size_t i = 0; i < some.size(); ++i) {
      if (!answers[i]) return answers[i].error();
      keys::DeltaName name;
      if (!*answers[i] || !keys::parse_delta(run_, some[i], name)) continue;
      merge(name, **answers[i]);
      if (memory == Memory::kKeepsNames) seen_.insert(some[i]);
      if (name.chunk < parts_.size()) heard(name.chunk);
    }
  }
  return {};
}

core::Result<void> PartCollector::collect(core::WallTime now,
                                          const std::function<void(std::uint32_t)>& heard) {
  const std::string prefix = keys::deltas(run_);
  const std::string after = from_slot_ == 0 ? "" : prefix + keys::ordered(from_slot_);
  auto listed = list_all(store_, prefix, after);
  if (!listed) return std::move(listed).error();
  std::erase_if(*listed, [this](const std::string& name) { return seen_.contains(name); });
  if (auto taken = take(*listed, Memory::kKeepsNames, heard); !taken) return taken;
  const std::uint64_t slot = slot_of(now);
  from_slot_ = std::max(from_slot_, slot > kLateSlots ? slot - kLateSlots : 0);
  seen_.erase(seen_.begin(), seen_.lower_bound(prefix + keys::ordered(from_slot_)));
  return {};
}

core::Result<void> PartCollector::collect_all(const std::function<bool(std::uint32_t)>& wanted) {
  const std::string prefix = keys::deltas(run_);
  std::string after;
  for (;;) {
    const auto page = store_.list(prefix, after);
    if (!page) return page.error();
    std::vector<std::string> names;
    for (const Store::Entry& entry : *page) {
      keys::DeltaName name;
      if (keys::parse_delta(run_, entry.key, name) && wanted(name.chunk))
        names.push_back(entry.key);
    }
    if (auto taken = take(names, Memory::kForgets, [](std::uint32_t) {}); !taken) return taken;
    if (page->size() < Store::kMaxListed) return {};
    after = page->back().key;
  }
}

const metrics::DocumentMerger* PartCollector::chunk(std::uint32_t index) const {
  const auto found = apart_.find(index);
  return found == apart_.end() ? nullptr : &found->second;
}

}  // namespace slsart::run::fleet
