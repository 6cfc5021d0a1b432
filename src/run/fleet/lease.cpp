#include "run/fleet/lease.h"

#include "core/text.h"
#include "core/value.h"
#include "run/fleet/detail/object_reader.h"
#include "run/fleet/envelope.h"
#include "run/fleet/keys.h"

namespace slsart::run::fleet {
namespace {

constexpr std::int64_t kLatest = 253'402'300'799'000;  // the end of the year 9999

struct Content {
  std::string holder;
  core::WallTime until{};
};

core::Result<Content> parse(std::string_view bytes) {
  const auto value = core::parse_json(bytes);
  if (!value) return value.error();
  detail::ObjectReader reader(*value, "the lease");
  Content content;
  content.holder = reader.text("holder", 64);
  content.until = from_milliseconds(reader.integer("until", 0, kLatest));
  if (auto done = reader.finish(); !done) return std::move(done).error();
  return content;
}

}  // namespace

Lease::Lease(Store& store, std::string run, std::string holder)
    : store_(store), run_(std::move(run)), holder_(std::move(holder)) {}

// Old generations are removed as new ones come, so the list is short; but a crash may leave some.
core::Result<void> Lease::look() {
  const std::string prefix = keys::leases(run_);
  std::string after = generation_ ? keys::lease(run_, *generation_) : std::string();
  for (;;) {
    const auto page = store_.list(prefix, after);
    if (!page) return page.error();
    if (page->empty()) break;
    after = page->back().key;
    const auto number = core::parse_integer(std::string_view(after).substr(prefix.size()));
    if (!number || *number < 0)
      return core::Error{core::ErrorCode::kInvalidInput, "no lease: " + after, {}, {}};
    generation_ = static_cast<std::uint64_t>(*number);
    if (page->size() < Store::kMaxListed) break;
  }
  if (!generation_) return {};
  const auto bytes = store_.get(keys::lease(run_, *generation_));
  if (!bytes) return bytes.error();
  // Removed by a holder that is further on: the next look finds it.
  if (!*bytes) return core::Error{core::ErrorCode::kIo, "the lease is changing hands", {}, {}};
  const auto content = parse(**bytes);
  if (!content) return content.error();
  until_ = content->until;
  seen_holder_ = content->holder;
  held_ = seen_holder_ == holder_;
  return {};
}

core::Result<Lease::State> Lease::write_next(core::WallTime until) {
  const std::uint64_t next = generation_ ? *generation_ + 1 : 0;
  const std::string content = core::to_json(
      core::Value::make_object({{"holder", holder_}, {"until", to_milliseconds(until)}}));
  const auto put = store_.put_if_absent(keys::lease(run_, next), content);
  if (!put) return put.error();
  if (*put == Store::Put::kExists) {
    // Ours, when an earlier answer was lost.
    if (auto seen = look(); !seen) return seen.error();
    return held_ ? State::kHeld : State::kOthers;
  }
  generation_ = next;
  seen_holder_ = holder_;
  until_ = until;
  held_ = true;
  if (next >= 2) (void)store_.remove(keys::lease(run_, next - 2));
  return State::kHeld;
}

core::Result<Lease::State> Lease::acquire(core::WallTime now) {
  if (auto seen = look(); !seen) return seen.error();
  if (generation_ && !held_ && now < until_ + kSlack) return State::kOthers;
  return write_next(now + kLength);
}

core::Result<Lease::State> Lease::renew(core::WallTime now) {
  if (!held_) return State::kOthers;
  if (until_ - now > kLength - kRenewal) return State::kHeld;
  return write_next(now + kLength);
}

core::Result<Lease::State> Lease::confirm(core::WallTime now) {
  if (auto seen = look(); !seen) return seen.error();
  if (!held_) return State::kOthers;
  return now < until_ - kSlack ? State::kHeld : write_next(now + kLength);
}

core::Result<bool> Lease::is_held_by_anybody(core::WallTime now) {
  if (auto seen = look(); !seen) return seen.error();
  return generation_ && now < until_;
}

core::Result<void> Lease::release(core::WallTime now) {
  if (!held_) return {};
  // A time long enough ago that no slack matters.
  if (auto done = write_next(now - kSlack - kSlack); !done) return done.error();
  held_ = false;
  return {};
}

}  // namespace slsart::run::fleet
