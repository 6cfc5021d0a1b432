// Hot path: see architecture §9
#include <algorithm>
#include <array>
#include <cstdint>

#include "core/text.h"
#include "expr/capture/html_document.h"

namespace slsart::expr::capture {
namespace {

struct Reference {
  std::string_view name;
  std::uint32_t code_point;
};

// The names that pages use; the HTML standard has two thousand. Sorted.
constexpr std::array kReferences{
    Reference{"AMP", '&'},       Reference{"Auml", 0xC4},    Reference{"Eacute", 0xC9},
    Reference{"GT", '>'},        Reference{"LT", '<'},       Reference{"Ouml", 0xD6},
    Reference{"QUOT", '"'},      Reference{"Uuml", 0xDC},    Reference{"aacute", 0xE1},
    Reference{"aelig", 0xE6},    Reference{"agrave", 0xE0},  Reference{"amp", '&'},
    Reference{"apos", '\''},     Reference{"aring", 0xE5},   Reference{"auml", 0xE4},
    Reference{"bdquo", 0x201E},  Reference{"bull", 0x2022},  Reference{"ccedil", 0xE7},
    Reference{"cent", 0xA2},     Reference{"copy", 0xA9},    Reference{"darr", 0x2193},
    Reference{"deg", 0xB0},      Reference{"eacute", 0xE9},  Reference{"ecirc", 0xEA},
    Reference{"egrave", 0xE8},   Reference{"euml", 0xEB},    Reference{"euro", 0x20AC},
    Reference{"frac12", 0xBD},   Reference{"gt", '>'},       Reference{"hellip", 0x2026},
    Reference{"iacute", 0xED},   Reference{"iexcl", 0xA1},   Reference{"iquest", 0xBF},
    Reference{"laquo", 0xAB},    Reference{"larr", 0x2190},  Reference{"ldquo", 0x201C},
    Reference{"lsaquo", 0x2039}, Reference{"lsquo", 0x2018}, Reference{"lt", '<'},
    Reference{"mdash", 0x2014},  Reference{"middot", 0xB7},  Reference{"nbsp", 0xA0},
    Reference{"ndash", 0x2013},  Reference{"ntilde", 0xF1},  Reference{"oacute", 0xF3},
    Reference{"ocirc", 0xF4},    Reference{"oslash", 0xF8},  Reference{"ouml", 0xF6},
    Reference{"para", 0xB6},     Reference{"plusmn", 0xB1},  Reference{"pound", 0xA3},
    Reference{"quot", '"'},      Reference{"raquo", 0xBB},   Reference{"rarr", 0x2192},
    Reference{"rdquo", 0x201D},  Reference{"reg", 0xAE},     Reference{"rsaquo", 0x203A},
    Reference{"rsquo", 0x2019},  Reference{"sbquo", 0x201A}, Reference{"sect", 0xA7},
    Reference{"shy", 0xAD},      Reference{"szlig", 0xDF},   Reference{"times", 0xD7},
    Reference{"trade", 0x2122},  Reference{"uacute", 0xFA},  Reference{"uarr", 0x2191},
    Reference{"uuml", 0xFC},     Reference{"yen", 0xA5},
};
static_assert(std::ranges::is_sorted(kReferences, {}, &Reference::name));

void append_utf8(std::uint32_t code, std::string& out) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = 0xFFFD;
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xE0 | code >> 12);
    } else {
      put(0xF0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3F));
    }
    put(0x80 | (code >> 6 & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

// The code point of "#65" or "#x41"; nothing if it is none.
std::uint32_t numeric(std::string_view digits, bool& is_known) {
  const bool is_hex = digits.size() > 1 && (digits[1] | 0x20) == 'x';
  std::uint32_t code = 0;
  std::size_t i = is_hex ? 2 : 1;
  is_known = i < digits.size();
  for (; i < digits.size(); ++i) {
    const char c = digits[i];
    const char low = static_cast<char>(c | 0x20);
    std::uint32_t digit = 16;
    if (c >= '0' && c <= '9') digit = static_cast<std::uint32_t>(c - '0');
    if (is_hex && low >= 'a' && low <= 'f') digit = static_cast<std::uint32_t>(low - 'a' + 10);
    if (digit >= (is_hex ? 16u : 10u)) is_known = false;
    if (code < 0x200000) code = code * (is_hex ? 16 : 10) + digit;
  }
  return code;
}

}  // namespace

void append_decoded(std::string_view text, std::string& out) {
  constexpr std::size_t kLongest = 10;
  std::size_t from = 0;
  for (std::size_t amp = text.find('&'); amp != std::string_view::npos; amp = text.find('&', amp)) {
    const std::size_t semicolon = text.substr(amp, kLongest + 2).find(';');
    if (semicolon == std::string_view::npos || semicolon == 1) {
      ++amp;
      continue;
    }
    const std::string_view name = text.substr(amp + 1, semicolon - 1);
    bool is_known = false;
    std::uint32_t code = 0;
    if (name[0] == '#') {
      code = numeric(name, is_known);
    } else if (const auto found = std::ranges::lower_bound(kReferences, name, {}, &Reference::name);
               found != kReferences.end() && found->name == name) {
      is_known = true;
      code = found->code_point;
    }
    if (!is_known) {
      ++amp;
      continue;
    }
    out += text.substr(from, amp - from);
    append_utf8(code, out);
    amp += semicolon + 1;
    from = amp;
  }
  out += text.substr(from);
}

}  // namespace slsart::expr::capture
