#include "expr/capture/json_path.h"

#include <gtest/gtest.h>

namespace slsart::expr::capture {
namespace {

// Goessner's example, shortened, with the oddities of the tests below.
constexpr std::string_view kStore = R"({
  "store": {
    "book": [
      {"category": "reference", "title": "Sayings", "price": 8.95, "isbn": null},
      {"category": "fiction", "title": "Sword", "price": 12.99, "tags": ["war", "long"]},
      {"category": "fiction", "title": "Moby Dick", "price": 8.99, "isbn": "0-553"},
      {"category": "fiction", "title": "Rings", "price": 22.99, "isbn": "0-395"}
    ],
    "bicycle": {"color": "red", "price": 19.95}
  },
  "x-y": 1, "a b": 2, "3": "three", "limit": 10, "empty": [], "length": "own"
})";

// All results as one JSON list.
std::string find(std::string_view path, std::string_view document = kStore) {
  const auto parsed = JsonPath::parse(path);
  if (!parsed) return "error at " + std::to_string(*parsed.error().offset);
  return core::to_json(core::Value(parsed->find_all(document)));
}

struct PathCase {
  std::string_view path;
  std::string_view found;
};

TEST(JsonPath, FindsNamesAndIndices) {
  const PathCase cases[] = {
      {"$.store.bicycle.color", R"(["red"])"},
      {"store.bicycle.color", R"(["red"])"},
      {"$['store']['bicycle'][\"color\"]", R"(["red"])"},
      {"$.store.book[0].title", R"(["Sayings"])"},
      {"$.store.book[ 1 ].title", R"(["Sword"])"},
      {"$.store.book[9].title", "[]"},
      {"$.store.book[-1].title", "[]"},
      {"$.store.book['1'].title", R"(["Sword"])"},
      {"$.store.book.1.title", R"(["Sword"])"},
      {"$.3", R"(["three"])"},
      {"$['3']", R"(["three"])"},
      {"$[3]", "[]"},
      {"$.x-y", "[1]"},
      {"$['a b']", "[2]"},
      {"$['a\\u0020b']", "[2]"},
      {"$.nosuch", "[]"},
      {"$.store.nosuch.deeper", "[]"},
      {"$.store.book.length", "[4]"},
      {"$.length", R"(["own"])"},
      {"$.store.book.length.x", "[]"},
      {"$.store.bicycle.color.length", "[]"},
      {"$.empty", "[[]]"},
      {"$.store.book[0].isbn", "[null]"},
  };
  for (const auto& [path, found] : cases) EXPECT_EQ(find(path), found) << path;
}

TEST(JsonPath, FindsManyInDocumentOrder) {
  const PathCase cases[] = {
      {"$.store.book[*].price", "[8.95,12.99,8.99,22.99]"},
      {"$.store.*.price", "[19.95]"},
      {"$..price", "[8.95,12.99,8.99,22.99,19.95]"},
      {"$..book[2].title", R"(["Moby Dick"])"},
      {"$..[1]",
       R"([{"category":"fiction","title":"Sword","price":12.99,"tags":["war","long"]},"long"])"},
      {"$..['title','color']", R"(["Sayings","Sword","Moby Dick","Rings","red"])"},
      {"$.store.book[0,2].title", R"(["Sayings","Moby Dick"])"},
      {"$.store.book[0,'0',0:1].title", R"(["Sayings"])"},
      {"$['x-y','a b']", "[1,2]"},
      {"$.store.book[1:3].title", R"(["Sword","Moby Dick"])"},
      {"$.store.book[:2].title", R"(["Sayings","Sword"])"},
      {"$.store.book[-1:].title", R"(["Rings"])"},
      {"$.store.book[:-2].title", R"(["Sayings","Sword"])"},
      {"$.store.book[::2].title", R"(["Sayings","Moby Dick"])"},
      {"$.store.book[::-1].title", R"(["Rings","Moby Dick","Sword","Sayings"])"},
      {"$.store.book[2:0:-1].title", R"(["Moby Dick","Sword"])"},
      {"$.store.book[-100:100].title", R"(["Sayings","Sword","Moby Dick","Rings"])"},
      {"$.store.book[3:1].title", "[]"},
      {"$..length", R"(["own"])"},
      {"$.empty[*]", "[]"},
      {"$.store.bicycle..*", R"(["red",19.95])"},
  };
  for (const auto& [path, found] : cases) EXPECT_EQ(find(path), found) << path;
}

TEST(JsonPath, FiltersWithJavaScriptsMeaning) {
  const PathCase cases[] = {
      {"$.store.book[?(@.price < 10)].title", R"(["Sayings","Moby Dick"])"},
      {"$.store.book[?(@.price<10 && @.category=='fiction')].title", R"(["Moby Dick"])"},
      {"$.store.book[?(@.price > 20 || @.title === \"Sword\")].title", R"(["Sword","Rings"])"},
      {"$.store.book[?(@.isbn)].title", R"(["Moby Dick","Rings"])"},
      {"$.store.book[?(!@.isbn)].title", R"(["Sayings","Sword"])"},
      {"$.store.book[?(@.isbn === null)].title", R"(["Sayings"])"},
      {"$.store.book[?(@.isbn == null)].title", R"(["Sayings","Sword"])"},
      {"$.store.book[?(@.isbn === undefined)].title", R"(["Sword"])"},
      {"$.store.book[?(@.price <= $.limit)].title", R"(["Sayings","Moby Dick"])"},
      {"$.store.book[?(@['tags'][1] == 'long')].title", R"(["Sword"])"},
      {"$.store.book[?(@.tags.length == 2)].title", R"(["Sword"])"},
      {"$.store.book[?(@.title.length == 5)].title", R"(["Sword","Rings"])"},
      {"$.store.book[?(@.price * 2 - 1 > (10 + 10) % 30 / 1)].title", R"(["Sword","Rings"])"},
      {"$.store.book[?(@.category + '!' == 'reference!')].title", R"(["Sayings"])"},
      {"$.store.book[?(@.price == '8.95')].title", R"(["Sayings"])"},
      {"$.store.book[?(@.price === '8.95')].title", "[]"},
      {"$.store.book[?(@.price != 8.95)].title", R"(["Sword","Moby Dick","Rings"])"},
      {"$.store.book[?(@.nosuch.deeper == 1)].title", "[]"},
      {"$.store.book[?(@.nosuch < 1)].title", "[]"},
      {"$.store.book[?(true)].price", "[8.95,12.99,8.99,22.99]"},
      {"$.store.book[?(-1)].price", "[8.95,12.99,8.99,22.99]"},
      {"$..[?(@.color)].price", "[19.95]"},
      {"$.store[?(@.color == 'red')].price", "[19.95]"},
      {"$.store.book[?(@.title == ')]')].price", "[]"},
      {"$.store.book[?(@ == $.store.book[1])].title", R"(["Sword"])"},
  };
  for (const auto& [path, found] : cases) EXPECT_EQ(find(path), found) << path;
}

TEST(JsonPath, ScriptsNameAChild) {
  EXPECT_EQ(find("$.store.book[(@.length-1)].title"), R"(["Rings"])");
  EXPECT_EQ(find("$.store.book[(@.length - 2)].title"), R"(["Moby Dick"])");
  EXPECT_EQ(find("$.store[('bi' + 'cycle')].color"), R"(["red"])");
  EXPECT_EQ(find("$..book[(@.length-1)].title"), R"(["Rings"])");
  EXPECT_EQ(find("$.store.book[(@.length)].title"), "[]");
  EXPECT_EQ(find("$.store.book[(@.length / 0)].title"), "[]");
}

TEST(JsonPath, RootIsTheWholeDocument) {
  EXPECT_EQ(find("$", "[1]"), "[[1]]");
  EXPECT_EQ(find("$", "5"), "[5]");
}

TEST(JsonPath, NothingIsFoundInBrokenDocuments) {
  for (const std::string_view body : {"", "{", "<html>", "[1,]", "{} x", "nul"}) {
    EXPECT_EQ(find("$..*", body), "[]") << body;
  }
  EXPECT_EQ(find("$..*", std::string_view("[1]\0x", 5)), "[]");
}

TEST(JsonPath, ReportsWhereAFaultIs) {
  const std::pair<std::string_view, std::size_t> cases[] = {
      {"", 0},
      {"$.", 2},
      {"$..", 3},
      {"$...a", 3},
      {"$a b", 2},
      {"$.a b", 3},
      {"$[", 2},
      {"$[]", 2},
      {"$[1", 3},
      {"$['a]", 2},
      {"$['a'b]", 5},
      {"$[1,]", 4},
      {"$[a]", 2},
      {"$[0:1:0]", 6},
      {"$[99999999999999999]", 2},
      {"$[-]", 2},
      {"$['\\ud800']", 3},
      {"$[?@.a]", 3},
      {"$[?(@.a]", 7},
      {"$[?(@.a = 1)]", 8},
      {"$[?(@.a == )]", 11},
      {"$[?(a == 1)]", 4},
      {"$[?(@.a.match(/x/))]", 13},
      {"$[?(@.a == 1]", 12},
      {"$[?(@[1)]", 7},
      {"$[?(@.)]", 6},
      {"$[?()]", 4},
      {"$[(1)", 5},
      {"$.a[?(1) x]", 9},
  };
  for (const auto& [path, offset] : cases) {
    const auto parsed = JsonPath::parse(path);
    ASSERT_FALSE(parsed.has_value()) << path;
    EXPECT_EQ(parsed.error().offset, offset) << path << ": " << parsed.error().message;
  }
}

TEST(JsonPath, DepthAndLengthAreBounded) {
  EXPECT_FALSE(JsonPath::parse("$[?(" + std::string(10'000, '(')).has_value());
  EXPECT_FALSE(JsonPath::parse("$[?(" + std::string(10'000, '!') + "1)]").has_value());
  std::string sum = "$[?(1";
  for (int i = 0; i < 10'000; ++i) sum += "+1";
  EXPECT_FALSE(JsonPath::parse(sum + ")]").has_value());
  std::string steps = "$";
  for (int i = 0; i < 10'000; ++i) steps += ".a";
  EXPECT_FALSE(JsonPath::parse(steps).has_value());
}

TEST(JsonPath, PathsThatMultiplyFindNothing) {
  const std::string nested = std::string(400, '[') + std::string(400, ']');
  EXPECT_EQ(find("$..*..*..*..*..*", nested), "[]");
}

TEST(JsonPath, OneOfSeveralIsDrawn) {
  const auto path = JsonPath::parse("$.store.book[*].price");
  core::Rng rng(4);
  core::Rng same(4);
  const core::Value prices[] = {8.95, 12.99, 8.99, 22.99};
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(path->find_one(kStore, rng), prices[same.below(4)]);
  }
  EXPECT_TRUE(JsonPath::parse("$..nosuch")->find_one(kStore, rng).is_undefined());
  EXPECT_EQ(rng.next(), same.next()) << "nothing is drawn for nothing";
}

}  // namespace
}  // namespace slsart::expr::capture
