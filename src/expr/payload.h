#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/rng.h"
#include "core/symbol.h"
#include "expr/variables.h"

namespace slsart::expr {

enum class PayloadOrder { kRandom, kSequence };
// What happens to arrivals that come when every row has been handed out.
enum class AtEnd { kRepeat, kSkip, kStop };

struct PayloadOptions {
  std::vector<std::string> fields;  // column names by position; empty: taken from the first line
                                    // when skip_header is set (blanks around them do not count),
                                    // else an error unless load_all
  PayloadOrder order = PayloadOrder::kRandom;
  bool skip_header = false;
  char delimiter = ',';
  bool cast = true;  // cells that are numbers as JavaScript reads them become numbers
  bool skip_empty_lines = true;
  bool trim = false;              // blanks around cells are left out
  AtEnd at_end = AtEnd::kRepeat;  // of kSequence; the schedule looks at it
  bool load_all = false;          // the whole table under `name`
  bool as_record = false;         // of load_all: one row of it, in the order given, not the list
  std::string name;
};

// Rows of a CSV file (RFC 4180: quotes, doubled quotes, line ends in quotes; LF or CRLF; an UTF-8
// byte order mark is skipped). Immutable, shared by threads.
class Payload {
 public:
  // Errors carry the byte offset: an unterminated quote, text after a closing quote, no rows, more
  // cells than fields is not an error (the rest is ignored), fewer gives undefined.
  static core::Result<Payload> parse(std::string_view text, PayloadOptions options,
                                     core::SymbolTable& symbols);

  std::size_t row_count() const { return rows_.size(); }
  const PayloadOptions& options() const { return options_; }
  // Which row arrival `arrival` gets: arrival mod rows, or drawn from (seed, arrival, number).
  std::size_t row_of(std::uint64_t arrival, std::uint64_t seed, std::uint64_t payload_number) const;
  // Sets the user's variables from a row (for load_all: the whole list, `row` does not matter; the
  // list is copied, so better once into the shared variables than into each user's).
  void assign(std::size_t row, Variables& variables) const;
  // What assign() sets, in order of the columns; for load_all the one name.
  std::span<const core::Symbol> field_symbols() const { return field_symbols_; }

 private:
  void keep_records();

  PayloadOptions options_;
  std::vector<core::Symbol> field_symbols_;
  std::vector<std::vector<core::Value>> rows_;
  core::Value all_;
};

}  // namespace slsart::expr
