// Hot path: see architecture §9
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace slsart::expr::capture {

// A page as a tree of elements, for selectors and XPath. Reads what a browser would read, however
// broken, in one pass over the text; the tree holds views into the text, which must outlive it.
//
// Follows the HTML standard in what pages use: void elements, raw texts, implied html, head, body,
// tbody and tr, end tags that may be left out. It does not move misnested elements about (the
// standard's adoption agency and foster parenting), so no page makes more elements than it has
// tags. Never fails. One thread; memory is used again from page to page.
class HtmlDocument {
 public:
  using Index = std::uint32_t;
  static constexpr Index kNone = ~Index{0};
  static constexpr std::size_t kMaxBytes = 8u << 20;  // of a page; what is behind is not read
  static constexpr std::size_t kMaxDepth = 512;       // what is deeper hangs at this depth

  struct Attribute {
    std::string_view name;   // as written
    std::string_view value;  // as written, without quotes; may hold character references
  };
  // An element, or a piece of text (empty name).
  struct Node {
    std::string_view name;  // as written
    std::string_view text;  // of text: as written
    Index parent = kNone;
    Index previous = kNone;
    Index next = kNone;
    Index first_child = kNone;
    Index last_child = kNone;
    std::uint32_t attributes_begin = 0;
    std::uint32_t attributes_end = 0;
    bool is_raw = false;  // text without character references (script, style)

    bool is_element() const { return !name.empty(); }
  };

  HtmlDocument();
  ~HtmlDocument();
  void read(std::string_view page);

  // In document order; the parent always stands before its children. The first is html.
  const std::vector<Node>& nodes() const { return nodes_; }
  const Node& node(Index index) const { return nodes_[index]; }
  const Attribute* attributes_begin(const Node& node) const {
    return attributes_.data() + node.attributes_begin;
  }
  const Attribute* attributes_end(const Node& node) const {
    return attributes_.data() + node.attributes_end;
  }
  // Names compare without regard to case. nullptr: there is none.
  const Attribute* find_attribute(const Node& node, std::string_view name) const;
  // Appends all text below an element, character references decoded.
  void append_text(Index element, std::string& out) const;

 private:
  class Builder;
  std::vector<Node> nodes_;
  std::vector<Attribute> attributes_;
  struct Open;
  std::vector<Open> open_;  // elements under way, the innermost last
};

// Appends `text` with its character references decoded (&amp; &#65; &#x41; and the usual names;
// others stay as they are).
void append_decoded(std::string_view text, std::string& out);

}  // namespace slsart::expr::capture
