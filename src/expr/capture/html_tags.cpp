// Hot path: see architecture §9
#include "expr/capture/html_tags.h"

#include <array>

#include "core/text.h"

namespace slsart::expr::capture {
namespace {

constexpr TagInfo row(std::string_view name, Tag tag, bool closes_p = false, bool in_head = false) {
  return {.name = name, .tag = tag, .closes_p = closes_p, .belongs_to_head = in_head};
}

// HTML standard, "parsing HTML documents": special elements and their insertion rules.
constexpr std::array kTags{
    row("html", Tag::kHtml),
    row("head", Tag::kHead),
    row("body", Tag::kBody),
    row("p", Tag::kP, true),
    row("li", Tag::kLi, true),
    row("dd", Tag::kDd, true),
    row("dt", Tag::kDt, true),
    row("option", Tag::kOption),
    row("optgroup", Tag::kOptgroup),
    row("table", Tag::kTable, true),
    row("caption", Tag::kCaption),
    row("colgroup", Tag::kColgroup),
    row("thead", Tag::kRowGroup),
    row("tbody", Tag::kRowGroup),
    row("tfoot", Tag::kRowGroup),
    row("tr", Tag::kTr),
    row("td", Tag::kCell),
    row("th", Tag::kCell),
    row("ul", Tag::kList, true),
    row("ol", Tag::kList, true),
    row("dl", Tag::kDl, true),
    row("select", Tag::kSelect),
    row("h1", Tag::kHeading, true),
    row("h2", Tag::kHeading, true),
    row("h3", Tag::kHeading, true),
    row("h4", Tag::kHeading, true),
    row("h5", Tag::kHeading, true),
    row("h6", Tag::kHeading, true),
    row("a", Tag::kA),
    row("button", Tag::kButton),
    row("area", Tag::kVoid),
    row("base", Tag::kVoid, false, true),
    row("br", Tag::kVoid),
    row("col", Tag::kVoid),
    row("embed", Tag::kVoid),
    row("hr", Tag::kVoid, true),
    row("img", Tag::kVoid),
    row("input", Tag::kVoid),
    row("link", Tag::kVoid, false, true),
    row("meta", Tag::kVoid, false, true),
    row("param", Tag::kVoid),
    row("source", Tag::kVoid),
    row("track", Tag::kVoid),
    row("wbr", Tag::kVoid),
    row("script", Tag::kRaw, false, true),
    row("style", Tag::kRaw, false, true),
    row("xmp", Tag::kRaw, true),
    row("iframe", Tag::kRaw),
    row("noembed", Tag::kRaw),
    row("noframes", Tag::kRaw, false, true),
    row("title", Tag::kText, false, true),
    row("textarea", Tag::kText),
    row("noscript", Tag::kOther, false, true),
    row("template", Tag::kScope, false, true),
    row("object", Tag::kScope),
    row("marquee", Tag::kScope),
    row("applet", Tag::kScope),
    row("address", Tag::kBlock, true),
    row("article", Tag::kBlock, true),
    row("aside", Tag::kBlock, true),
    row("blockquote", Tag::kBlock, true),
    row("center", Tag::kBlock, true),
    row("details", Tag::kBlock, true),
    row("dialog", Tag::kBlock, true),
    row("dir", Tag::kBlock, true),
    row("div", Tag::kBlock, true),
    row("fieldset", Tag::kBlock, true),
    row("figcaption", Tag::kBlock, true),
    row("figure", Tag::kBlock, true),
    row("footer", Tag::kBlock, true),
    row("form", Tag::kBlock, true),
    row("header", Tag::kBlock, true),
    row("hgroup", Tag::kBlock, true),
    row("listing", Tag::kBlock, true),
    row("main", Tag::kBlock, true),
    row("menu", Tag::kList, true),
    row("nav", Tag::kBlock, true),
    row("plaintext", Tag::kBlock, true),
    row("pre", Tag::kBlock, true),
    row("search", Tag::kBlock, true),
    row("section", Tag::kBlock, true),
    row("summary", Tag::kBlock, true),
};

constexpr std::size_t kSlots = 512;  // a power of two, so that few names share a slot

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr std::size_t slot_of(std::string_view name) {
  std::uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(lower(c))) * 16777619u;
  return (hash ^ hash >> 16) % kSlots;
}

// Open addressing; 255: nothing there.
constexpr auto kTable = [] {
  std::array<std::uint8_t, kSlots> table{};
  table.fill(255);
  for (std::size_t i = 0; i < kTags.size(); ++i) {
    std::size_t slot = slot_of(kTags[i].name);
    while (table[slot] != 255) slot = (slot + 1) % kSlots;
    table[slot] = static_cast<std::uint8_t>(i);
  }
  return table;
}();
static_assert(kTags.size() < 255);

constexpr TagInfo kOther{};

}  // namespace

const TagInfo& tag_info(std::string_view name) {
  constexpr std::size_t kLongest = 10;
  if (name.size() > kLongest) return kOther;
  for (std::size_t slot = slot_of(name); kTable[slot] != 255; slot = (slot + 1) % kSlots) {
    const TagInfo& found = kTags[kTable[slot]];
    if (core::equals_ignoring_case(found.name, name)) return found;
  }
  return kOther;
}

}  // namespace slsart::expr::capture
