// Hot path: see architecture §9
#include "engine/hooks/hook_caller.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/http/http_engine.h"

namespace slsart::engine {
namespace {

using core::Value;

// Kinds of messages, see hooks/frame.h.
constexpr int kUser = 1;
constexpr int kEndUser = 2;
constexpr int kCall = 3;
constexpr int kAfter = 4;
constexpr int kOnError = 5;
constexpr int kCookies = 6;
constexpr int kAsk = 7;

// A call's number has its slot in the lower bits; all of it fits the numbers of JavaScript.
constexpr int kSlotBits = 21;
constexpr std::uint64_t kSlotMask = (std::uint64_t{1} << kSlotBits) - 1;
constexpr std::uint64_t kMostUses = std::uint64_t{1} << 31;

constexpr core::Duration kTick = std::chrono::milliseconds(250);
// A process that has not said a word for so long, though asked, is taken for hung.
constexpr core::Duration kHangLimit = std::chrono::seconds(10);
constexpr core::Duration kLeastHangLimit = std::chrono::seconds(2);

constexpr std::size_t kFlushBytes = 1 << 20;

constexpr std::string_view kTimedOut = "ERR_HOOK_TIMEOUT";
constexpr std::string_view kContextLost = "ERR_HOOK_CONTEXT_LOST";
constexpr std::string_view kLost = "ERR_HOOK_PROCESS_LOST";

}  // namespace

HookCaller::HookCaller(const Parts& parts) : in_(parts), metrics_(parts.recorder) {}

void HookCaller::set_listeners(FlowRunner& runner, HttpEngine* http) {
  runner_ = &runner;
  http_ = http;
}

// --- messages out

void HookCaller::write_number(std::int64_t number) {
  std::array<char, 24> digits{};
  std::string& json = in_.runtime.writer().json();
  json.append(digits.data(),
              std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

// What the process must know of the user before a call. False: it knew more and has died.
bool HookCaller::begin(VirtualUser& user) {
  HookState& state = user.hooks;
  if (state.user != 0 && state.epoch != epoch_) {
    failure_reason_ = kContextLost;
    count_error(failure_reason_);
    return false;
  }
  if (state.user == 0) tell_user(user);
  if (user.jar && user.jar->version() != state.jar_version) tell_cookies(user);
  return true;
}

void HookCaller::tell_user(VirtualUser& user) {
  if (free_users_.empty()) free_users_.push_back(++users_made_);
  user.hooks.user = free_users_.back();
  free_users_.pop_back();
  user.hooks.epoch = epoch_;
  user.hooks.jar_version = 0;
  user.variables.mark_all_changed();
  const Program& program = in_.program;
  std::int64_t scenario = user.program - program.scenarios.data();
  const auto count = static_cast<std::int64_t>(program.scenarios.size());
  if (user.program == &program.before) scenario = count;
  if (user.program == &program.after) scenario = count + 1;
  hooks::FrameWriter& writer = in_.runtime.writer();
  writer.open();
  write_number(kUser);
  writer.json() += ',';
  write_number(user.hooks.user);
  writer.json() += ',';
  write_number(scenario < count ? static_cast<std::int64_t>(user.arrival) : -1);
  writer.json() += ',';
  write_number(scenario);
  writer.close();
}

void HookCaller::tell_cookies(VirtualUser& user) {
  user.hooks.jar_version = user.jar->version();
  hooks::FrameWriter& writer = in_.runtime.writer();
  std::string& json = writer.json();
  writer.open();
  write_number(kCookies);
  json += ',';
  write_number(user.hooks.user);
  json += ",[";
  for (const protocol::CookieJar::Cookie& cookie : user.jar->cookies()) {
    json += json.back() == '[' ? "[" : ",[";
    for (const std::string* text : {&cookie.name, &cookie.value, &cookie.domain, &cookie.path}) {
      core::write_json_string(*text, json);
      json += ',';
    }
    json += cookie.host_only ? "true," : "false,";
    json += cookie.secure ? "true," : "false,";
    if (cookie.expires == core::WallTime::max()) {
      json += "null";
    } else {
      write_number(
          std::chrono::duration_cast<std::chrono::milliseconds>(cookie.expires.time_since_epoch())
              .count());
    }
    json += ']';
  }
  json += ']';
  writer.close();
}

void HookCaller::write_variables(VirtualUser& user) {
  std::string& json = in_.runtime.writer().json();
  const std::uint64_t changed = user.variables.take_changed();
  if (changed == 0) {
    json += '0';
    return;
  }
  json += '[';
  std::size_t entry = 0;
  for (const auto& [name, value] : user.variables) {
    if (!expr::Variables::is_changed(changed, entry++)) continue;
    if (json.back() != '[') json += ',';
    const auto number = static_cast<std::int64_t>(name.id);
    write_number(value.is_undefined() ? -1 - number : number);
    json += ',';
    core::write_json(value, json);
  }
  json += ']';
}

void HookCaller::write_names(const VirtualUser& user, const HookPoint& point) {
  std::string& json = in_.runtime.writer().json();
  const auto is_static = [](const script::HookName* name) { return name->name.is_static(); };
  if (std::all_of(point.names.begin(), point.names.end(), is_static)) {
    json += '0';
    return;
  }
  core::Rng rng = core::make_rng(in_.seed, user.arrival, core::Purpose::kStep);
  const expr::Scope scope = in_.host.scope_of(user, rng);
  json += '[';
  for (const script::HookName* name : point.names) {
    if (json.back() != '[') json += ',';
    scratch_.clear();
    name->name.render(scope, scratch_);
    core::write_json_string(scratch_, json);
  }
  json += ']';
}

// Opens a message and writes what all calls have in common; the caller closes it.
std::uint64_t HookCaller::open_call(VirtualUser& user, HttpVisit* visit, std::uint32_t point,
                                    int kind) {
  if (in_.runtime.writer().size() > kFlushBytes) in_.runtime.flush();
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(pending_.size()));
    pending_.emplace_back();
  }
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  uses_ = (uses_ + 1) % kMostUses;
  const HookPoint& at = in_.program.hook_points[point];
  const std::uint64_t call = ((uses_ + 1) << kSlotBits) | slot;
  pending_[slot] = {.call = call,
                    .user = &user,
                    .visit = visit,
                    .point = &at,
                    .deadline = in_.loop.now() + in_.limit};
  if (!tick_.is_armed()) in_.loop.arm(tick_, in_.loop.now() + kTick);
  hooks::FrameWriter& writer = in_.runtime.writer();
  std::string& json = writer.json();
  writer.open();
  for (const std::int64_t number :
       {std::int64_t{kind}, static_cast<std::int64_t>(call), std::int64_t{user.hooks.user},
        std::int64_t{point}, std::int64_t{visit != nullptr ? visit->number : 0}}) {
    write_number(number);
    json += ',';
  }
  write_variables(user);
  json += ',';
  write_names(user, at);
  return call;
}

bool HookCaller::call_functions(VirtualUser& user, std::uint32_t point) {
  if (!begin(user)) return false;
  user.hook_call = open_call(user, nullptr, point, kCall);
  in_.runtime.writer().close();
  return true;
}

bool HookCaller::call_before(HttpVisit& visit) {
  if (!begin(*visit.user)) return false;
  visit.hook_call = open_call(*visit.user, &visit, visit.plan->hooks().before, kCall);
  in_.runtime.writer().close();
  return true;
}

void HookCaller::write_piece(std::string_view bytes) {
  write_number(static_cast<std::int64_t>(bytes.size()));
  in_.runtime.writer().bytes() += bytes;
}

bool HookCaller::call_after(HttpVisit& visit, std::string_view body) {
  if (!begin(*visit.user)) return false;
  visit.hook_call = open_call(*visit.user, &visit, visit.plan->hooks().after, kAfter);
  std::string& json = in_.runtime.writer().json();
  const RequestParts& sent = HttpEngine::parts_of(visit);
  json += ',';
  write_number(visit.status);
  json += ',';
  core::write_json_string(HttpEngine::address_of(sent.url), json);
  json += ",[";
  write_piece(sent.headers);
  json += ',';
  const bool is_as_written = visit.plan->is_static() || (visit.edits && visit.edits->has_body);
  if (is_as_written || !sent.has_body) {
    json += "-1";
  } else {
    write_piece(sent.body);
  }
  json += ',';
  scratch_.clear();
  for (const expr::HeaderView& header : visit.kept_headers) {
    scratch_.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  write_piece(scratch_);
  json += ',';
  write_piece(body);
  json += ']';
  in_.runtime.writer().close();
  return true;
}

bool HookCaller::call_error(HttpVisit& visit, std::string_view reason) {
  if (!begin(*visit.user)) return false;
  visit.hook_call = open_call(*visit.user, &visit, visit.plan->hooks().error, kOnError);
  std::string& json = in_.runtime.writer().json();
  json += ',';
  core::write_json_string(reason, json);
  json += ',';
  core::write_json_string(HttpEngine::address_of(HttpEngine::parts_of(visit).url), json);
  in_.runtime.writer().close();
  return true;
}

void HookCaller::forget(VirtualUser& user) {
  if (user.hooks.user == 0) return;
  if (user.hooks.epoch == epoch_) {
    hooks::FrameWriter& writer = in_.runtime.writer();
    writer.open();
    write_number(kEndUser);
    writer.json() += ',';
    write_number(user.hooks.user);
    writer.close();
    free_users_.push_back(user.hooks.user);
  }
  user.hooks = {};
}

// --- calls under way

HookCaller::Pending* HookCaller::find(std::uint64_t call) {
  const std::uint64_t slot = call & kSlotMask;
  if (call == 0 || slot >= pending_.size() || pending_[slot].call != call) return nullptr;
  return &pending_[slot];
}

void HookCaller::cancel(std::uint64_t& call) {
  if (Pending* pending = find(std::exchange(call, 0))) {
    free_slots_.push_back(static_cast<std::uint32_t>(pending->call & kSlotMask));
    pending->call = 0;
  }
}

void HookCaller::end(std::uint64_t call, HookAnswer& answer) {
  const Pending* pending = find(call);
  if (pending == nullptr) return;  // its user is over
  const Pending ended = *pending;
  cancel(ended.visit != nullptr ? ended.visit->hook_call : ended.user->hook_call);
  if (answer.variables != nullptr) apply_variables(*ended.user, *answer.variables);
  if (answer.cookies != nullptr) apply_cookies(*ended.user, *answer.cookies);
  if (answer.others != nullptr) others_ = std::move(*answer.others);
  if (answer.error != nullptr) count_error(*answer.error);
  dispatch(ended, answer);
}

void HookCaller::dispatch(const Pending& call, HookAnswer& answer) {
  if (call.visit != nullptr) return http_->hook_answered(*call.visit, call.point->kind, answer);
  if (answer.error != nullptr) return runner_->step_failed(*call.user, *answer.error);
  call.user->said = answer.flag;
  runner_->step_done(*call.user);
}

void HookCaller::apply_variables(VirtualUser& user, Value& changes) {
  Value::List& list = changes.as_list();
  const auto count = static_cast<std::int64_t>(in_.program.script->symbols->size());
  for (std::size_t i = 0; i + 1 < list.size(); i += 2) {
    if (list[i].kind() != Value::Kind::kInteger) continue;
    const std::int64_t number = list[i].as_integer();
    const std::int64_t symbol = number < 0 ? -1 - number : number;
    if (symbol >= count) continue;
    user.variables.set_told(core::Symbol{static_cast<std::uint32_t>(symbol)},
                            number < 0 ? Value() : std::move(list[i + 1]));
  }
}

void HookCaller::apply_cookies(VirtualUser& user, const Value& list) {
  for (const Value& item : list.as_list()) {
    if (!item.is_list() || item.as_list().size() != 2) continue;
    const Value& text = item.as_list()[0];
    const Value& url = item.as_list()[1];
    if (!text.is_string() || !url.is_string()) continue;
    if (const auto address = protocol::parse_url(url.as_string())) {
      if (!user.jar) user.jar = std::make_unique<protocol::CookieJar>();
      user.jar->store(text.as_string(), address->origin, address->target,
                      core::WallTime(in_.loop.now().time_since_epoch() + in_.wall_offset));
    }
  }
}

void HookCaller::fail(std::uint64_t call, const std::string& error) {
  HookAnswer answer{.call = call, .error = &error};
  end(call, answer);
}

void HookCaller::on_lost(std::string_view reason) {
  in_.host.event_begins();
  in_.host.log_line("slsart: " + std::string(reason) + "; it is started again");
  ++epoch_;
  metrics_.clear();
  free_users_.clear();
  users_made_ = 0;
  asked_ = {};
  std::vector<std::uint64_t> lost;
  for (const Pending& pending : pending_) {
    if (pending.call != 0) lost.push_back(pending.call);
  }
  const std::string error(kLost);
  for (const std::uint64_t call : lost) fail(call, error);
}

// Looks for calls that take too long, and for a process that does nothing at all.
void HookCaller::on_tick() {
  const core::TimePoint now = in_.loop.now();
  in_.host.event_begins();
  std::vector<std::uint64_t> late;
  bool any = false;
  for (const Pending& pending : pending_) {
    if (pending.call == 0) continue;
    any = true;
    if (pending.deadline <= now) late.push_back(pending.call);
  }
  const core::Duration hang_limit = std::clamp(in_.limit, kLeastHangLimit, kHangLimit);
  const bool is_asked = asked_ != core::TimePoint{} && in_.runtime.last_heard() < asked_;
  // A hung process is found though its calls have run out of time.
  if (any || is_asked) in_.loop.arm(tick_, now + kTick);
  if (is_asked && now - asked_ > hang_limit) {
    asked_ = {};
    in_.runtime.give_up("the processor's process did not answer any more (an endless loop?)");
  } else if (any && !is_asked) {
    asked_ = now;
    in_.runtime.writer().open();
    write_number(kAsk);
    in_.runtime.writer().close();
  }
  const std::string error(kTimedOut);
  for (const std::uint64_t call : late) fail(call, error);
}

// --- frames in

void HookCaller::on_frame(Value& frame) {
  in_.host.event_begins();
  metrics_.take(frame);
  Value* answers = frame.find("r");
  if (answers == nullptr || !answers->is_list()) return;
  for (Value& one : answers->as_list()) {
    HookAnswer answer = read_answer(one);
    end(answer.call, answer);
  }
}

void HookCaller::count_error(std::string_view text) {
  in_.recorder.count(in_.recorder.late_counter("errors." + std::string(text)));
}

}  // namespace slsart::engine
