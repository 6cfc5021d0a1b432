#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "core/check.h"

namespace slsart::core {

// What kind of thing went wrong; programs act on it, people on the text.
enum class ErrorCode {
  kInvalidInput,  // bytes or text that do not follow their format
  kNotFound,      // a file, name or function that is not there
  kUnsupported,   // understood, but this version cannot do it
  kIo,            // the operating system refused
  kLimit,         // a bound of ours or of the machine was reached
  kInterrupted,   // stopped on purpose
};

// An expected failure: a sentence for the user, and where it helps a hint what to do.
// `offset` is the byte in the text that was being parsed, if the failure has a place.
struct Error {
  ErrorCode code = ErrorCode::kInvalidInput;
  std::string message;
  std::string hint;
  std::optional<std::size_t> offset;

  // "while <context>: <message>".
  [[nodiscard]] Error within(const std::string& context) &&;
};

// Either a value or an Error (the interface of std::expected, which g++ 12 offers only after
// C++20).
template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(*-explicit-*)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(*-explicit-*)

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  // Requires: has_value().
  T& value() & { return checked_value(); }
  const T& value() const& { return const_cast<Result*>(this)->checked_value(); }
  T&& value() && { return std::move(checked_value()); }
  T& operator*() & { return checked_value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(checked_value()); }
  T* operator->() { return &checked_value(); }
  const T* operator->() const { return &value(); }

  // Requires: !has_value().
  Error& error() & { return checked_error(); }
  const Error& error() const& { return const_cast<Result*>(this)->checked_error(); }
  Error&& error() && { return std::move(checked_error()); }

  T value_or(T fallback) && {
    return has_value() ? std::move(checked_value()) : std::move(fallback);
  }

 private:
  T& checked_value() {
    SLSART_CHECK(state_.index() == 0);
    return *std::get_if<0>(&state_);
  }
  Error& checked_error() {
    SLSART_CHECK(state_.index() == 1);
    return *std::get_if<1>(&state_);
  }
  std::variant<T, Error> state_;
};

// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(*-explicit-*)

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  Error& error() & {
    SLSART_CHECK(error_.has_value());
    return *error_;
  }
  const Error& error() const& { return const_cast<Result*>(this)->error(); }
  Error&& error() && { return std::move(error()); }

 private:
  std::optional<Error> error_;
};

inline Error Error::within(const std::string& context) && {
  message = "while " + context + ": " + message;
  return std::move(*this);
}

}  // namespace slsart::core
