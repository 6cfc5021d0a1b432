#include "tally.h"

#include <algorithm>

#include "text.h"

namespace slsart::target {
namespace {

constexpr std::size_t kMaxPaths = 100'000;
constexpr std::size_t kMaxSequence = 1000;
constexpr std::size_t kMaxRecords = 1'000'000;
constexpr std::size_t kMaxSeconds = 100'000;
constexpr std::string_view kOtherPaths = "(other)";

// What a request says about itself: query parameter `index` or header `x-index`, and so on.
struct Labels {
  std::string index, row, rand, due;
  bool found = false;
};

void note(Labels& labels, std::string_view name, std::string value) {
  std::string* const wanted = name == "index"  ? &labels.index
                              : name == "row"  ? &labels.row
                              : name == "rand" ? &labels.rand
                              : name == "due"  ? &labels.due
                                               : nullptr;
  if (wanted == nullptr) return;
  *wanted = std::move(value);
  labels.found = true;
}

Labels read_labels(const Request& request) {
  Labels labels;
  for (const auto& [name, value] : request.headers)
    if (name.size() > 2 && (name[0] == 'x' || name[0] == 'X') && name[1] == '-')
      note(labels, to_lower(name.substr(2)), std::string(value));
  if (request.path.starts_with("/record")) {
    labels.found = true;
    for (const std::string_view pair : split(request.query, '&')) {
      std::string_view name = pair.substr(0, pair.find('='));
      if (name.starts_with("x-")) name.remove_prefix(2);
      if (const auto mark = pair.find('='); mark != std::string_view::npos)
        note(labels, name, decode_url(pair.substr(mark + 1), Plus::kIsBlank));
    }
  }
  return labels;
}

void append_number_or_null(std::string& out, const std::string& text) {
  const bool is_number = !text.empty() && text.size() < 19 &&
                         text.find_first_not_of("0123456789") == std::string::npos;
  if (is_number) {
    out += std::to_string(std::stoll(text));
  } else if (text.empty()) {
    out += "null";
  } else {
    append_json(out, text);
  }
}

template <typename Pairs, typename Name>
void append_counts(std::string& out, const Pairs& pairs, Name name) {
  out += '{';
  for (bool first = true; const auto& [key, count] : pairs) {
    if (!first) out += ',';
    first = false;
    append_json(out, name(key));
    out += ':' + std::to_string(count);
  }
  out += '}';
}

}  // namespace

void Tally::count_accepted() {
  const std::lock_guard lock(mutex_);
  ++counts_.accepted;
}

void Tally::count_failed_handshake() {
  const std::lock_guard lock(mutex_);
  ++counts_.failed_handshakes;
}

void Tally::count_path(std::string_view url) {
  auto found = counts_.path_index.find(url);
  if (found == counts_.path_index.end() && counts_.paths.size() >= kMaxPaths) {
    url = kOtherPaths;
    found = counts_.path_index.find(url);
  }
  if (found == counts_.path_index.end()) {
    found = counts_.path_index.emplace(std::string(url), counts_.paths.size()).first;
    counts_.paths.emplace_back(std::string(url), 0);
  }
  ++counts_.paths[found->second].second;
}

void Tally::record(const Request& request, TimePoint now) {
  Labels labels = read_labels(request);
  if (!labels.found) return;
  if (counts_.records.empty()) counts_.first_record = now;
  const auto at = std::max(now - counts_.first_record, TimePoint::duration{});
  const auto second =
      static_cast<std::size_t>(std::chrono::duration_cast<std::chrono::seconds>(at).count());
  if (second < kMaxSeconds) {
    if (counts_.seconds.size() <= second) counts_.seconds.resize(second + 1);
    ++counts_.seconds[second];
  }
  if (counts_.records.size() >= kMaxRecords) {
    ++counts_.dropped_records;
    return;
  }
  counts_.records.push_back({std::move(labels.index), std::move(labels.row), std::move(labels.rand),
                             std::move(labels.due), at});
}

void Tally::count_request(const Request& request, std::uint64_t& connection_epoch, TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (first_request_ == TimePoint{}) first_request_ = now;
  if (connection_epoch != epoch_) {
    connection_epoch = epoch_;
    ++counts_.connections;
  }
  ++counts_.requests;
  counts_.max_in_flight = std::max(counts_.max_in_flight, ++in_flight_);
  if (const auto method = counts_.methods.find(request.method); method != counts_.methods.end()) {
    ++method->second;
  } else {
    counts_.methods.emplace(request.method, 1);
  }
  count_path(request.url);
  if (counts_.sequence.size() < kMaxSequence)
    counts_.sequence.push_back(std::string(request.method) + ' ' + std::string(request.url));
  record(request, now);
}

void Tally::count_answer(int status) {
  const std::lock_guard lock(mutex_);
  ++counts_.codes[status];
}

void Tally::end_request() {
  const std::lock_guard lock(mutex_);
  --in_flight_;
}

void Tally::reset() {
  const std::lock_guard lock(mutex_);
  counts_ = Counts{};
  ++epoch_;
}

std::uint64_t Tally::count_key(const std::string& key) {
  const std::lock_guard lock(mutex_);
  return ++counts_.keys[key];
}

bool Tally::has_key(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  return counts_.keys.contains(key);
}

Tally::TimePoint Tally::first_request() const {
  const std::lock_guard lock(mutex_);
  return first_request_;
}

std::string Tally::stats_json() const {
  const std::lock_guard lock(mutex_);
  const auto as_it_is = [](const std::string& key) -> const std::string& { return key; };
  std::string out = "{\"requests\":" + std::to_string(counts_.requests) + ",\"methods\":";
  append_counts(out, counts_.methods, as_it_is);
  out += ",\"max_in_flight\":" + std::to_string(counts_.max_in_flight);
  out += ",\"connections\":" + std::to_string(counts_.connections) + ",\"paths\":";
  append_counts(out, counts_.paths, as_it_is);
  out += ",\"codes\":";
  append_counts(out, counts_.codes, [](int status) { return std::to_string(status); });
  out += ",\"sequence\":[";
  for (std::size_t i = 0; i < counts_.sequence.size(); ++i) {
    if (i > 0) out += ',';
    append_json(out, counts_.sequence[i]);
  }
  out += "],\"accepted\":" + std::to_string(counts_.accepted);
  out += ",\"failed_handshakes\":" + std::to_string(counts_.failed_handshakes);
  out += ",\"in_flight\":" + std::to_string(in_flight_) + "}";
  return out;
}

std::string Tally::records_json() const {
  const std::lock_guard lock(mutex_);
  std::string out = "{\"dropped\":" + std::to_string(counts_.dropped_records) + ",\"seconds\":[";
  for (std::size_t i = 0; i < counts_.seconds.size(); ++i) {
    if (i > 0) out += ',';
    out += std::to_string(counts_.seconds[i]);
  }
  out += "],\"records\":[";
  for (bool first = true; const Record& record : counts_.records) {
    out += first ? "[" : ",[";
    first = false;
    append_number_or_null(out, record.index);
    for (const std::string* text : {&record.row, &record.rand}) {
      out += ',';
      if (text->empty()) {
        out += "null";
      } else {
        append_json(out, *text);
      }
    }
    out += ',';
    append_number_or_null(out, record.due);
    out += ',' + std::to_string(record.at.count()) + ']';
  }
  out += "]}";
  return out;
}

}  // namespace slsart::target
