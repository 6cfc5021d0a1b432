// Hot path: see architecture §9
#include "expr/capture/header.h"

#include "core/text.h"
#include "expr/detail/path.h"
#include "expr/extractor.h"

namespace slsart::expr::capture {

core::Result<Header> Header::parse(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^`|~";
  for (std::size_t i = 0; i <= name.size(); ++i) {
    const bool is_fine =
        i < name.size() ? detail::is_word(name[i]) || kMarks.find(name[i]) != std::string_view::npos
                        : i > 0;
    if (is_fine) continue;
    return core::Error{.code = core::ErrorCode::kInvalidInput,
                       .message = name.empty() ? "the header's name is empty"
                                               : "this character cannot stand in a header's name",
                       .hint = "a header is written like content-type",
                       .offset = i};
  }
  Header header;
  header.name_ = core::to_lower(name);
  return header;
}

core::Value Header::find(std::span<const HeaderView> headers) const {
  bool is_found = false;
  std::string joined;
  for (const HeaderView& header : headers) {
    if (!core::equals_ignoring_case(header.name, name_)) continue;
    if (is_found) joined += ", ";
    joined += header.value;
    is_found = true;
  }
  return is_found ? core::Value(std::move(joined)) : core::Value();
}

}  // namespace slsart::expr::capture
