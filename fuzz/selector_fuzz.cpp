// First line: a selector, the rest: a page. The selector compiles or is refused at a place inside
// it; the page gives a tree whose links agree, with no more elements than it has tags.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/check.h"
#include "expr/capture/html_document.h"
#include "expr/capture/selector.h"

namespace {

using slsart::expr::Pick;
using slsart::expr::capture::HtmlDocument;
using slsart::expr::capture::Selector;

void check_tree(std::string_view text) {
  HtmlDocument page;
  page.read(text);
  const auto tags = static_cast<std::size_t>(std::ranges::count(text, '<'));
  std::size_t elements = 0;
  for (HtmlDocument::Index i = 0; i < page.nodes().size(); ++i) {
    const HtmlDocument::Node& node = page.node(i);
    elements += node.is_element() ? 1 : 0;
    SLSART_CHECK(node.parent == HtmlDocument::kNone ? i == 0 : node.parent < i);
    if (node.next != HtmlDocument::kNone) SLSART_CHECK(page.node(node.next).previous == i);
    if (node.last_child != HtmlDocument::kNone)
      SLSART_CHECK(page.node(node.last_child).parent == i);
  }
  // html, head, body; a cell may bring its row and row group.
  SLSART_CHECK(elements <= 3 + 3 * tags);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line_end = text.find('\n');
  if (line_end == std::string_view::npos) return 0;
  const std::string_view source = text.substr(0, line_end);
  const std::string_view page = text.substr(line_end + 1);
  slsart::core::Rng rng(1);
  const auto selector = Selector::compile(source, {.attr = "href", .pick = Pick::kRandom});
  if (selector) {
    selector->find(page, rng);
  } else {
    SLSART_CHECK(selector.error().offset && *selector.error().offset <= source.size());
  }
  check_tree(page);
  for (const std::string_view usual : {"a[href]", "div > p:nth-child(2)", "li:has(a), td ~ td"}) {
    Selector::compile(usual, {.pick = Pick::kAll})->find(page, rng);
  }
  return 0;
}
