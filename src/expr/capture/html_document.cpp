// Hot path: see architecture §9
#include "expr/capture/html_document.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>

#include "core/text.h"
#include "expr/capture/html_tags.h"

namespace slsart::expr::capture {
namespace {

// A page that needed more than this gives its memory back with the next one.
constexpr std::size_t kNodesKept = 100'000;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
bool is_letter(char c) {
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'z';
}

}  // namespace

struct HtmlDocument::Open {
  Index index;
  Tag tag;
};

// One pass over the text: tags open and close elements of the stack `open_`.
class HtmlDocument::Builder {
 public:
  Builder(HtmlDocument& document, std::string_view page)
      : nodes_(document.nodes_),
        attributes_(document.attributes_),
        open_(document.open_),
        page_(page) {}

  void build() {
    open_element("html", {}, Tag::kHtml);
    while (at_ < page_.size()) {
      const void* const found = std::memchr(page_.data() + at_, '<', page_.size() - at_);
      const std::size_t less =
          found == nullptr
              ? page_.size()
              : static_cast<std::size_t>(static_cast<const char*>(found) - page_.data());
      if (less > at_) add_text(page_.substr(at_, less - at_), false);
      at_ = less;
      if (at_ < page_.size()) markup();
    }
  }

 private:
  struct TagText {
    std::string_view name;
    std::uint32_t attributes_begin = 0;
  };

  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < page_.size() ? page_[at_ + ahead] : '\0';
  }

  // At a '<'.
  void markup() {
    if (is_letter(peek(1))) return start_tag();
    if (peek(1) == '/' && is_letter(peek(2))) return end_tag();
    if (page_.substr(at_, 4) == "<!--") return skip_past("-->", at_ + 4);
    if (page_.substr(at_, 9) == "<![CDATA[") return skip_past("]]>", at_ + 9);
    if (peek(1) == '!' || peek(1) == '?' || peek(1) == '/') return skip_past(">", at_ + 1);
    add_text(page_.substr(at_, 1), false);
    ++at_;
  }

  void skip_past(std::string_view end, std::size_t from) {
    const std::size_t found = page_.find(end, from);
    at_ = found == std::string_view::npos ? page_.size() : found + end.size();
  }

  // -- tags
  void start_tag() {
    ++at_;
    TagText tag{.name = tag_name(), .attributes_begin = attribute_count()};
    const bool closes_itself = read_attributes();
    const TagInfo& info = tag_info(tag.name);
    if (info.tag == Tag::kHtml || (info.tag == Tag::kBody && has_body_)) return;
    make_room_for(info);
    if (info.tag == Tag::kHead && head_ != kNone) return;
    const bool is_open = open_element(tag.name, tag, info.tag);
    const bool is_raw = info.tag == Tag::kRaw || info.tag == Tag::kText;
    if (is_raw) raw_text(tag.name, info.tag);
    const bool is_empty = info.tag == Tag::kVoid || (closes_itself && info.tag == Tag::kOther);
    if (is_open && (is_raw || is_empty)) pop();
  }

  std::string_view tag_name() {
    const std::size_t begin = at_;
    while (at_ < page_.size() && !is_blank(page_[at_]) && page_[at_] != '/' && page_[at_] != '>')
      ++at_;
    return page_.substr(begin, at_ - begin);
  }

  std::uint32_t attribute_count() const { return static_cast<std::uint32_t>(attributes_.size()); }

  // Up to behind the '>'. True: the tag ends with "/>".
  bool read_attributes() {
    const std::uint32_t begin = attribute_count();
    bool has_slash = false;
    while (at_ < page_.size() && page_[at_] != '>') {
      if (is_blank(page_[at_]) || page_[at_] == '/') {
        has_slash = page_[at_] == '/';
        ++at_;
        continue;
      }
      has_slash = false;
      read_attribute(begin);
    }
    ++at_;
    return has_slash;
  }

  void read_attribute(std::uint32_t begin) {
    const std::size_t name_begin = at_++;
    while (at_ < page_.size() && !is_blank(page_[at_]) && page_[at_] != '=' && page_[at_] != '>' &&
           page_[at_] != '/') {
      ++at_;
    }
    const std::string_view name = page_.substr(name_begin, at_ - name_begin);
    while (is_blank(peek())) ++at_;
    std::string_view value;
    if (peek() == '=') {
      ++at_;
      while (is_blank(peek())) ++at_;
      value = attribute_value();
    }
    // Of two of one name the first counts; looked for only among few, so that no tag is slow.
    constexpr std::uint32_t kFew = 32;
    const std::uint32_t end = attribute_count();
    for (std::uint32_t i = end - begin > kFew ? end - kFew : begin; i < end; ++i) {
      if (core::equals_ignoring_case(attributes_[i].name, name)) return;
    }
    attributes_.push_back({name, value});
  }

  std::string_view attribute_value() {
    const char quote = peek();
    if (quote == '"' || quote == '\'') {
      const std::size_t begin = ++at_;
      const std::size_t end = std::min(page_.find(quote, begin), page_.size());
      at_ = std::min(end + 1, page_.size());
      return page_.substr(begin, end - begin);
    }
    const std::size_t begin = at_;
    while (at_ < page_.size() && !is_blank(page_[at_]) && page_[at_] != '>') ++at_;
    return page_.substr(begin, at_ - begin);
  }

  void end_tag() {
    at_ += 2;
    const std::string_view name = tag_name();
    const std::uint32_t attributes = attribute_count();
    read_attributes();
    attributes_.resize(attributes);
    const TagInfo& info = tag_info(name);
    if (info.tag == Tag::kHtml || info.tag == Tag::kBody) return;
    const std::size_t depth = find_open(name, info);
    if (depth > 0) {
      close_to(depth);
    } else if (info.tag == Tag::kP) {
      make_room_for(info);
      if (open_element("p", {}, info.tag)) pop();
    }
  }

  // The text of a script or title, up to its end tag.
  void raw_text(std::string_view name, Tag tag) {
    const std::size_t begin = at_;
    std::size_t end = begin;
    for (;; ++end) {
      end = page_.find("</", end);
      if (end == std::string_view::npos) {
        end = page_.size();
        break;
      }
      const std::size_t behind = end + 2 + name.size();
      const bool ends = behind >= page_.size() || is_blank(page_[behind]) || page_[behind] == '>' ||
                        page_[behind] == '/';
      if (ends && core::equals_ignoring_case(page_.substr(end + 2, name.size()), name)) break;
    }
    if (end > begin) append_text_node(page_.substr(begin, end - begin), tag == Tag::kRaw);
    at_ = end;
    if (at_ < page_.size()) skip_past(">", at_);
  }

  // -- the tree
  Tag top_tag() const { return open_.back().tag; }

  void add_text(std::string_view text, bool is_raw) {
    if (!has_body_) {
      // Blanks before the body are nothing; anything else opens it.
      if (std::all_of(text.begin(), text.end(), is_blank)) {
        if (open_.size() > 2) append_text_node(text, is_raw);
        return;
      }
      if (!is_inside_head_element()) open_body();
    }
    append_text_node(text, is_raw);
  }

  bool is_inside_head_element() const { return open_.size() > 2; }

  void append_text_node(std::string_view text, bool is_raw) {
    append_node({.text = text, .is_raw = is_raw});
  }

  Index append_node(Node node) {
    const auto index = static_cast<Index>(nodes_.size());
    if (!open_.empty()) {
      node.parent = open_.back().index;
      Node& parent = nodes_[node.parent];
      node.previous = parent.last_child;
      if (node.previous == kNone)
        parent.first_child = index;
      else
        nodes_[node.previous].next = index;
      parent.last_child = index;
    }
    nodes_.push_back(node);
    return index;
  }

  // False: so deep that the element is not put on the stack, so that the stack, and all that walks
  // it, stays short.
  bool open_element(std::string_view name, const TagText& tag, Tag kind) {
    const std::uint32_t begin = tag.name.empty() ? attribute_count() : tag.attributes_begin;
    const Index index =
        append_node({.name = name, .attributes_begin = begin, .attributes_end = attribute_count()});
    if (kind == Tag::kBody) has_body_ = true;
    if (kind == Tag::kHead) head_ = index;
    if (open_.size() >= kMaxDepth) return false;
    push(index, kind);
    return true;
  }

  void push(Index index, Tag tag) {
    open_.push_back({index, tag});
    ++open_of(tag);
  }
  void pop() {
    --open_of(open_.back().tag);
    open_.pop_back();
  }
  void close_to(std::size_t depth) {
    while (open_.size() > depth) pop();
  }
  std::size_t& open_of(Tag tag) { return open_of_[static_cast<std::size_t>(tag)]; }

  void open_body() {
    if (has_body_) return;
    close_to(1);
    open_element("body", {}, Tag::kBody);
  }

  void open_head() {
    if (head_ == kNone) {
      open_element("head", {}, Tag::kHead);
    } else {
      push(head_, Tag::kHead);  // what stands between head and body belongs into the head
    }
  }

  // Opens what must stand around an element and closes what ends before it.
  void make_room_for(const TagInfo& info) {
    if (info.tag == Tag::kBody) return close_to(1);
    if (info.tag == Tag::kHead) return has_body_ ? void() : close_to(1);
    if (!has_body_ && !(open_.size() > 2)) {
      if (!info.belongs_to_head) {
        open_body();
      } else if (open_.size() == 1) {
        open_head();
      }
    }
    if (info.closes_p) close_nearest({Tag::kP}, {Tag::kButton});
    switch (info.tag) {
      case Tag::kLi:
        return close_nearest({Tag::kLi}, {Tag::kList});
      case Tag::kDd:
      case Tag::kDt:
        return close_nearest({Tag::kDd, Tag::kDt}, {Tag::kDl});
      case Tag::kOption:
        return close_nearest({Tag::kOption}, {Tag::kSelect, Tag::kOptgroup});
      case Tag::kOptgroup:
        close_nearest({Tag::kOption}, {Tag::kSelect});
        return close_nearest({Tag::kOptgroup}, {Tag::kSelect});
      case Tag::kHeading:
        if (top_tag() == Tag::kHeading) pop();
        return;
      case Tag::kA:
        return close_nearest({Tag::kA}, {});
      case Tag::kButton:
        return close_nearest({Tag::kButton}, {});
      case Tag::kCaption:
      case Tag::kColgroup:
      case Tag::kRowGroup:
        return close_down_to({Tag::kTable});
      case Tag::kTr:
        close_down_to({Tag::kTable, Tag::kRowGroup});
        if (top_tag() == Tag::kTable) open_element("tbody", {}, Tag::kRowGroup);
        return;
      case Tag::kCell:
        close_down_to({Tag::kTable, Tag::kRowGroup, Tag::kTr});
        if (top_tag() == Tag::kTable) open_element("tbody", {}, Tag::kRowGroup);
        if (top_tag() == Tag::kRowGroup) open_element("tr", {}, Tag::kTr);
        return;
      default:
        return;
    }
  }

  static bool is_one_of(Tag tag, std::initializer_list<Tag> tags) {
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
  }
  // What no end tag from inside reaches beyond.
  static bool is_scope(Tag tag) {
    return is_one_of(tag,
                     {Tag::kHtml, Tag::kBody, Tag::kTable, Tag::kCaption, Tag::kCell, Tag::kScope});
  }

  // Closes the innermost element of `tags` with all in it, unless one of `borders` lies between.
  void close_nearest(std::initializer_list<Tag> tags, std::initializer_list<Tag> borders) {
    const auto is_open = [this](Tag tag) { return open_of(tag) > 0; };
    if (std::none_of(tags.begin(), tags.end(), is_open)) return;
    for (std::size_t depth = open_.size(); depth-- > 1;) {
      const Tag tag = open_[depth].tag;
      if (is_one_of(tag, tags)) return close_to(depth);
      if (is_one_of(tag, borders) || is_scope(tag)) return;
    }
  }

  // Closes all that stands inside the nearest of `tags`; nothing if there is none in this table.
  void close_down_to(std::initializer_list<Tag> tags) {
    for (std::size_t depth = open_.size(); depth-- > 1;) {
      const Tag tag = open_[depth].tag;
      if (is_one_of(tag, tags)) return close_to(depth + 1);
      if (is_one_of(tag, {Tag::kBody, Tag::kScope})) return;
    }
  }

  // Where on the stack the element is that an end tag closes; 0: nowhere.
  std::size_t find_open(std::string_view name, const TagInfo& info) const {
    const bool crosses_scopes = is_one_of(
        info.tag, {Tag::kTable, Tag::kRowGroup, Tag::kTr, Tag::kCell, Tag::kCaption, Tag::kScope});
    for (std::size_t depth = open_.size(); depth-- > 1;) {
      const Tag tag = open_[depth].tag;
      const bool may_be = tag == info.tag;
      if (may_be && core::equals_ignoring_case(nodes_[open_[depth].index].name, name)) return depth;
      if (tag == Tag::kTable ? true : !crosses_scopes && is_scope(tag)) return 0;
    }
    return 0;
  }

  std::vector<Node>& nodes_;
  std::vector<Attribute>& attributes_;
  std::vector<Open>& open_;
  std::array<std::size_t, 32> open_of_{};  // elements on the stack, by Tag
  std::string_view page_;
  std::size_t at_ = 0;
  Index head_ = kNone;
  bool has_body_ = false;
};

// Not in the header, where Open is incomplete.
HtmlDocument::HtmlDocument() = default;
HtmlDocument::~HtmlDocument() = default;

void HtmlDocument::read(std::string_view page) {
  if (nodes_.capacity() > kNodesKept) {
    nodes_ = {};
    attributes_ = {};
  }
  nodes_.clear();
  attributes_.clear();
  open_.clear();
  Builder(*this, page.substr(0, kMaxBytes)).build();
}

const HtmlDocument::Attribute* HtmlDocument::find_attribute(const Node& node,
                                                            std::string_view name) const {
  for (const Attribute* one = attributes_begin(node); one != attributes_end(node); ++one) {
    if (core::equals_ignoring_case(one->name, name)) return one;
  }
  return nullptr;
}

// The nodes below an element stand behind it, up to the first that is not below it.
void HtmlDocument::append_text(Index element, std::string& out) const {
  Index at = nodes_[element].first_child;
  while (at != kNone) {
    const Node& here = nodes_[at];
    if (here.is_raw) {
      out += here.text;
    } else if (!here.is_element()) {
      append_decoded(here.text, out);
    }
    if (here.first_child != kNone) {
      at = here.first_child;
      continue;
    }
    Index up = at;
    while (up != element && nodes_[up].next == kNone) up = nodes_[up].parent;
    at = up == element ? kNone : nodes_[up].next;
  }
}

}  // namespace slsart::expr::capture
