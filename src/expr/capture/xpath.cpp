#include "expr/capture/xpath.h"

#include <cmath>
#include <pugixml.hpp>
#include <string>
#include <utility>

#include "core/text.h"
#include "expr/capture/html_document.h"
#include "expr/capture/pick.h"

namespace slsart::expr::capture {

struct XPath::Program {
  explicit Program(const char* expression, SelectionOptions its_options)
      : query(expression), options(std::move(its_options)) {}
  pugi::xpath_query query;
  SelectionOptions options;
};

namespace {

// How deep pugixml may be asked to walk; it recurses over the tree when it compares and copies.
constexpr std::size_t kMaxXmlDepth = 2'000;

bool begins_like_html(std::string_view body) {
  const std::size_t begin = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (begin == std::string_view::npos) return false;
  body.remove_prefix(begin);
  return core::equals_ignoring_case(body.substr(0, 14), "<!doctype html") ||
         core::equals_ignoring_case(body.substr(0, 5), "<html");
}

// An upper bound of the nesting: start tags that are open at a time.
bool is_too_deep(const pugi::xml_document& document) {
  std::size_t depth = 0;
  pugi::xml_node at = document.first_child();
  while (at) {
    if (pugi::xml_node below = at.first_child()) {
      if (++depth > kMaxXmlDepth) return true;
      at = below;
      continue;
    }
    while (at && !at.next_sibling()) {
      at = at.parent();
      --depth;
      if (at.type() == pugi::node_document || !at) return false;
    }
    at = at.next_sibling();
  }
  return false;
}

void build_from_html(const HtmlDocument& page, pugi::xml_document& document) {
  std::vector<pugi::xml_node> made(page.nodes().size());
  std::string text;
  for (std::size_t i = 0; i < made.size(); ++i) {
    const HtmlDocument::Node& node = page.nodes()[i];
    pugi::xml_node parent = node.parent == HtmlDocument::kNone ? document : made[node.parent];
    if (!node.is_element()) {
      text.clear();
      if (node.is_raw)
        text = node.text;
      else
        append_decoded(node.text, text);
      parent.append_child(pugi::node_pcdata).set_value(text.c_str());
      continue;
    }
    made[i] = parent.append_child(core::to_lower(node.name).c_str());
    for (const auto* one = page.attributes_begin(node); one != page.attributes_end(node); ++one) {
      text.clear();
      append_decoded(one->value, text);
      made[i].append_attribute(core::to_lower(one->name).c_str()).set_value(text.c_str());
    }
  }
}

bool read(std::string_view body, pugi::xml_document& document) {
  if (body.size() > XPath::kMaxBytes) return false;
  if (begins_like_html(body)) {
    thread_local HtmlDocument page;
    page.read(body);
    build_from_html(page, document);
    return true;
  }
  constexpr unsigned kOptions = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol |
                                pugi::parse_wconv_attribute | pugi::parse_ws_pcdata;
  return document.load_buffer(body.data(), body.size(), kOptions) && !is_too_deep(document);
}

core::Value number(double value) {
  constexpr double kExact = 9e15;
  if (std::floor(value) == value && std::fabs(value) < kExact)
    return core::Value(static_cast<std::int64_t>(value));
  return core::Value(value);
}

core::Value text_of(const pugi::xpath_node& node) {
  static const pugi::xpath_query kText("string(.)");
  return core::Value(kText.evaluate_string(node));
}

}  // namespace

core::Result<XPath> XPath::compile(std::string_view expression, const SelectionOptions& options) {
  XPath xpath;
  try {
    xpath.program_ = std::make_shared<const Program>(std::string(expression).c_str(), options);
  } catch (const pugi::xpath_exception& fault) {
    const auto offset =
        static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, fault.result().offset));
    return core::Error{.code = core::ErrorCode::kInvalidInput,
                       .message = std::string("this is no XPath: ") + fault.result().description(),
                       .hint = "for example: //item[@sku='A1']/name",
                       .offset = std::min(offset, expression.size())};
  } catch (const std::bad_alloc&) {
    return core::Error{.code = core::ErrorCode::kLimit,
                       .message = "this XPath is too large",
                       .hint = {},
                       .offset = 0};
  }
  return xpath;
}

core::Value XPath::find(std::string_view body, core::Rng& rng) const {
  try {
    pugi::xml_document document;
    if (!read(body, document)) return {};
    const pugi::xpath_query& query = program_->query;
    switch (query.return_type()) {
      case pugi::xpath_type_number:
        return number(query.evaluate_number(document));
      case pugi::xpath_type_boolean:
        return core::Value(query.evaluate_boolean(document));
      case pugi::xpath_type_string:
        return core::Value(query.evaluate_string(document));
      default:
        break;
    }
    pugi::xpath_node_set nodes = query.evaluate_node_set(document);
    nodes.sort();
    return pick(program_->options, nodes.size(), rng,
                [&](std::size_t i) { return text_of(nodes[i]); });
  } catch (const std::exception&) {  // pugixml ran out of memory
    return {};
  }
}

}  // namespace slsart::expr::capture
