#include "expr/payload.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "core/text.h"

namespace slsart::expr {
namespace {

core::Error fault(std::size_t offset, std::string message) {
  return core::Error{.code = core::ErrorCode::kInvalidInput,
                     .message = std::move(message),
                     .hint = {},
                     .offset = offset};
}

using Row = std::vector<std::string>;

class CsvReader {
 public:
  CsvReader(std::string_view text, const PayloadOptions& options) : text_(text), options_(options) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  core::Result<std::vector<Row>> read() {
    std::vector<Row> rows;
    while (at_ < text_.size()) {
      const std::size_t begin = at_;
      auto row = read_row();
      if (!row) return std::move(row).error();
      // Quotes make a line that is not empty, though its cell is.
      const bool is_empty = row->size() == 1 && row->front().empty() && text_[begin] != '"';
      if (!is_empty || !options_.skip_empty_lines) rows.push_back(*std::move(row));
    }
    return rows;
  }

 private:
  bool at_line_end() const {
    if (at_ >= text_.size() || text_[at_] == '\n') return true;
    return text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n');
  }

  core::Result<Row> read_row() {
    Row row;
    for (;;) {
      auto cell = text_.substr(at_, 1) == "\"" ? quoted_cell() : plain_cell();
      if (!cell) return std::move(cell).error();
      row.push_back(*std::move(cell));
      if (at_line_end()) break;
      ++at_;  // the delimiter
    }
    at_ = std::min(text_.find('\n', at_), text_.size() - 1) + 1;
    return row;
  }

  core::Result<std::string> plain_cell() {
    const std::size_t begin = at_;
    while (!at_line_end() && text_[at_] != options_.delimiter) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  core::Result<std::string> quoted_cell() {
    const std::size_t begin = at_++;
    std::string cell;
    for (;;) {
      const std::size_t quote = text_.find('"', at_);
      if (quote == std::string_view::npos) return fault(begin, "this quote is never closed");
      cell += text_.substr(at_, quote - at_);
      at_ = quote + 1;
      if (text_.substr(at_, 1) != "\"") break;
      cell += '"';
      ++at_;
    }
    if (!at_line_end() && text_[at_] != options_.delimiter) {
      return fault(at_, "there is text behind a closing quote");
    }
    return cell;
  }

  std::string_view text_;
  const PayloadOptions& options_;
  std::size_t at_ = 0;
};

// The reference's csv-parse takes a cell for a number where JavaScript's Number() does, but its
// value is that of parseFloat(), which stops at the letter: so 0x1F is 0 (lib/index.js, __isFloat).
bool is_prefixed_integer(std::string_view text) {
  if (text.size() < 3 || text[0] != '0') return false;
  const char kind = static_cast<char>(text[1] | 0x20);
  const std::string_view digits = kind == 'x'   ? "0123456789abcdefABCDEF"
                                  : kind == 'o' ? "01234567"
                                  : kind == 'b' ? "01"
                                                : "";
  return !digits.empty() && text.find_first_not_of(digits, 2) == std::string_view::npos;
}

// JavaScript's decimal literal; from_chars alone would also read "inf" and "nan".
std::optional<core::Value> decimal(std::string_view text) {
  const bool is_negative = text.front() == '-';
  if (is_negative || text.front() == '+') text.remove_prefix(1);
  const bool begins_well = !text.empty() && (text[0] == '.' || (text[0] >= '0' && text[0] <= '9'));
  if (!begins_well) return std::nullopt;
  // Whole numbers stay exact where JavaScript would round them: they are mostly identifiers.
  if (const auto integer = core::parse_integer(text)) {
    return core::Value(is_negative ? -*integer : *integer);
  }
  const auto number = core::parse_number(text);
  if (!number || !std::isfinite(*number)) return std::nullopt;
  return core::Value(is_negative ? -*number : *number);
}

core::Value cast(std::string cell) {
  const std::string_view text = core::trim(cell);
  if (text.empty()) return core::Value(std::move(cell));
  if (is_prefixed_integer(text)) return core::Value(0);
  if (auto number = decimal(text)) return *std::move(number);
  return core::Value(std::move(cell));
}

std::vector<std::vector<core::Value>> to_values(std::vector<Row>&& rows,
                                                const PayloadOptions& options) {
  std::vector<std::vector<core::Value>> table;
  table.reserve(rows.size());
  for (Row& row : rows) {
    std::vector<core::Value>& cells = table.emplace_back();
    cells.reserve(row.size());
    for (std::string& cell : row) {
      if (options.trim) cell = core::trim(cell);
      cells.push_back(options.cast ? cast(std::move(cell)) : core::Value(std::move(cell)));
    }
    Row().swap(row);  // tables may be large: not everything twice
  }
  return table;
}

// One row under `loadAll`: an object, or a list where the columns have no names.
core::Value to_record(std::vector<core::Value>&& cells, const std::vector<std::string>& fields) {
  if (fields.empty()) return core::Value(std::move(cells));
  core::Value record{core::Value::Object()};
  const std::size_t count = std::min(cells.size(), fields.size());
  for (std::size_t i = 0; i < count; ++i) record.set(fields[i], std::move(cells[i]));
  return record;
}

core::Result<void> check(const PayloadOptions& options) {
  const char delimiter = options.delimiter;
  if (delimiter == '"' || delimiter == '\n' || delimiter == '\r') {
    return core::Error{.code = core::ErrorCode::kInvalidInput,
                       .message = "a quote or line end cannot be the delimiter",
                       .hint = {},
                       .offset = {}};
  }
  if (options.load_all && options.name.empty()) {
    return core::Error{.code = core::ErrorCode::kInvalidInput,
                       .message = "a table that is loaded as a whole needs a name",
                       .hint = "say which variable shall hold it: name: people",
                       .offset = {}};
  }
  if (options.fields.empty() && !options.skip_header && !options.load_all) {
    return core::Error{.code = core::ErrorCode::kInvalidInput,
                       .message = "the columns have no names",
                       .hint = "list them in fields, or set skipHeader if the first line has them",
                       .offset = {}};
  }
  return {};
}

}  // namespace

core::Result<Payload> Payload::parse(std::string_view text, PayloadOptions options,
                                     core::SymbolTable& symbols) {
  if (auto fine = check(options); !fine) return std::move(fine).error();
  auto rows = CsvReader(text, options).read();
  if (!rows) return std::move(rows).error();
  if (options.skip_header && !rows->empty()) {
    if (options.fields.empty()) {
      for (const std::string& name : rows->front()) options.fields.emplace_back(core::trim(name));
    }
    rows->erase(rows->begin());
  }
  if (rows->empty()) return fault(text.size(), "there are no rows");
  Payload payload;
  payload.options_ = std::move(options);
  payload.rows_ = to_values(*std::move(rows), payload.options_);
  if (payload.options_.load_all) {
    payload.field_symbols_ = {symbols.intern(payload.options_.name)};
    payload.keep_records();
    return payload;
  }
  for (const std::string& field : payload.options_.fields) {
    payload.field_symbols_.push_back(symbols.intern(field));
  }
  return payload;
}

// Rows become objects: all of them one list, or each a row of one cell.
void Payload::keep_records() {
  core::Value::List records;
  for (auto& row : rows_) {
    core::Value record = to_record(std::exchange(row, {}), options_.fields);
    if (options_.as_record) {
      row.push_back(std::move(record));
    } else {
      records.push_back(std::move(record));
    }
  }
  if (options_.as_record) {
    options_.load_all = false;  // handed out row by row from here on
  } else {
    all_ = core::Value(std::move(records));
  }
}

std::size_t Payload::row_of(std::uint64_t arrival, std::uint64_t seed,
                            std::uint64_t payload_number) const {
  const std::uint64_t rows = rows_.size();
  if (rows == 0) return 0;
  if (options_.order == PayloadOrder::kSequence) return static_cast<std::size_t>(arrival % rows);
  core::Rng rng = core::make_rng(seed, arrival, core::Purpose::kPayload, payload_number);
  return static_cast<std::size_t>(rng.below(rows));
}

void Payload::assign(std::size_t row, Variables& variables) const {
  if (options_.load_all) {
    variables.set(field_symbols_.front(), all_);
    return;
  }
  if (rows_.empty()) return;
  const std::vector<core::Value>& cells = rows_[row % rows_.size()];
  for (std::size_t i = 0; i < field_symbols_.size(); ++i) {
    variables.set(field_symbols_[i], i < cells.size() ? cells[i] : core::Value());
  }
}

}  // namespace slsart::expr
