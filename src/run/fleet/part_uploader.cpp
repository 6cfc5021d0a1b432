#include "run/fleet/part_uploader.h"

#include "metrics/stored_document.h"
#include "run/fleet/keys.h"

namespace slsart::run::fleet {
namespace {

constexpr core::Duration kPause = std::chrono::milliseconds(300);  // before a part is tried again

}  // namespace

std::uint64_t slot_of(core::WallTime time) {
  const auto since = time.time_since_epoch();
  return since < core::Duration::zero() ? 0 : static_cast<std::uint64_t>(since / kSlot);
}

PartUploader::PartUploader(Store& store, std::string run, std::uint32_t chunk, std::uint32_t count,
                           const core::Clock& clock, core::Duration offset)
    : store_(store),
      run_(std::move(run)),
      chunk_(chunk),
      count_(count),
      clock_(clock),
      offset_(offset),
      thread_([this] { work(); }) {}

PartUploader::~PartUploader() {
  (void)finish(clock_.now());
}

void PartUploader::add(const metrics::RunDocument& document, bool is_last) {
  const metrics::Part part{
      .worker = chunk_, .workers = count_, .number = number_, .is_last = is_last};
  auto bytes = metrics::encode_document(document, part);
  const std::lock_guard lock(mutex_);
  ++number_;
  if (!bytes) {  // larger than a reader takes
    ++failed_;
    return;
  }
  waiting_.push_back({.number = part.number, .bytes = *std::move(bytes)});
  changed_.notify_all();
}

// Each attempt goes by the present time, so that a part that was held up stands where readers look.
// One that is there twice counts once.
bool PartUploader::store_one(const Part& part) {
  const std::uint64_t slot = slot_of(clock_.wall_now() + offset_);
  return store_.put(keys::delta(run_, slot, chunk_, part.number), part.bytes).has_value();
}

void PartUploader::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ends_ || !waiting_.empty(); });
    if (waiting_.empty() || ends_) return;
    const Part part = waiting_.front();
    lock.unlock();
    const bool stored = store_one(part);
    lock.lock();
    if (stored) {
      waiting_.pop_front();
      changed_.notify_all();
    } else {
      changed_.wait_for(lock, kPause, [this] { return ends_; });
    }
  }
}

std::size_t PartUploader::finish(core::TimePoint latest) {
  if (!thread_.joinable()) return 0;
  std::unique_lock lock(mutex_);
  const core::Duration patience = latest - clock_.now();
  changed_.wait_for(lock, patience, [this] { return waiting_.empty(); });
  ends_ = true;
  changed_.notify_all();
  const std::size_t left = waiting_.size() + failed_;
  lock.unlock();
  thread_.join();
  return left;
}

}  // namespace slsart::run::fleet
