#pragma once

#include <cstdint>
#include <string_view>

namespace slsart::expr::capture {

// What the reader has to know about an element's name.
enum class Tag : std::uint8_t {
  kOther,
  kHtml,
  kHead,
  kBody,
  kP,
  kLi,
  kDd,
  kDt,
  kOption,
  kOptgroup,
  kTable,
  kCaption,
  kColgroup,
  kRowGroup,  // thead, tbody, tfoot
  kTr,
  kCell,  // td, th
  kList,  // ul, ol: an li belongs to the nearest
  kDl,
  kSelect,
  kHeading,  // h1 ... h6
  kA,
  kButton,
  kVoid,
  kRaw,    // script, style ...: text up to the end tag
  kText,   // title, textarea: likewise, with character references
  kBlock,  // closes an open p
  kScope,  // object, marquee, applet, template: end tags do not reach outside
};

struct TagInfo {
  std::string_view name;  // in lower case
  Tag tag = Tag::kOther;
  bool closes_p = false;
  bool belongs_to_head = false;
};

// `name` in any case.
const TagInfo& tag_info(std::string_view name);

}  // namespace slsart::expr::capture
