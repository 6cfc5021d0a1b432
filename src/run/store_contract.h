#pragma once

// For tests: what every run::Store must do (run/store.h), as checks that any of them is put to. A
// test program says, for each store it knows,
//
//   TEST(FolderStore, KeepsTheContract) { run::check_store_contract(store); }
//
// with a store that is empty and reachable.

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "run/store.h"

namespace slsart::run {

inline std::string listed(Store& store, std::string_view prefix, std::string_view after = {}) {
  const auto entries = store.list(prefix, after);
  if (!entries) return "error: " + entries.error().message;
  std::string text;
  for (const Store::Entry& entry : *entries) {
    text += entry.key + ":" + std::to_string(entry.size_bytes) + " ";
  }
  return text;
}

inline std::string object(Store& store, std::string_view key) {
  const auto bytes = store.get(key);
  if (!bytes) return "error: " + bytes.error().message;
  return bytes->has_value() ? **bytes : "(none)";
}

inline void check_single_objects(Store& store) {
  EXPECT_EQ(object(store, "runs/a/none"), "(none)");
  const std::string binary("\0\xff\r\nx", 5);
  ASSERT_TRUE(store.put("runs/a/bytes", binary));
  EXPECT_EQ(object(store, "runs/a/bytes"), binary);
  ASSERT_TRUE(store.put("runs/a/bytes", ""));
  EXPECT_EQ(object(store, "runs/a/bytes"), "") << "replaced";
  const std::string large(3'000'000, 'l');
  ASSERT_TRUE(store.put("runs/a/large", large));
  EXPECT_TRUE(object(store, "runs/a/large") == large);
  ASSERT_TRUE(store.remove("runs/a/large"));
  EXPECT_EQ(object(store, "runs/a/large"), "(none)");
  EXPECT_TRUE(store.remove("runs/a/large")) << "twice is no error";
  EXPECT_TRUE(store.remove("nothing/of/this"));
  ASSERT_TRUE(store.remove("runs/a/bytes"));
  EXPECT_TRUE(store.store_time().has_value());
}

inline void check_put_if_absent(Store& store) {
  const auto first = store.put_if_absent("claims/1", "one");
  ASSERT_TRUE(first);
  EXPECT_EQ(*first, Store::Put::kStored);
  const auto second = store.put_if_absent("claims/1", "two");
  ASSERT_TRUE(second);
  EXPECT_EQ(*second, Store::Put::kExists);
  EXPECT_EQ(object(store, "claims/1"), "one");
  ASSERT_TRUE(store.remove("claims/1"));
  EXPECT_EQ(*store.put_if_absent("claims/1", "three"), Store::Put::kStored) << "gone, so absent";
  ASSERT_TRUE(store.put("claims/1", "four"));
  EXPECT_EQ(*store.put_if_absent("claims/1", "five"), Store::Put::kExists);
  ASSERT_TRUE(store.remove("claims/1"));
}

inline void check_one_of_many_wins(Store& store) {
  constexpr int kCallers = 8;
  for (int round = 0; round < 5; ++round) {
    const std::string key = "race/" + std::to_string(round);
    std::vector<int> stored(kCallers, 0);
    std::vector<std::thread> callers;
    for (int caller = 0; caller < kCallers; ++caller) {
      callers.emplace_back([&store, &stored, &key, caller] {
        const auto put = store.put_if_absent(key, std::to_string(caller));
        stored[static_cast<std::size_t>(caller)] = put && *put == Store::Put::kStored ? 1 : 0;
      });
    }
    for (std::thread& caller : callers) caller.join();
    std::string winners;
    for (int caller = 0; caller < kCallers; ++caller) {
      if (stored[static_cast<std::size_t>(caller)] != 0) winners += std::to_string(caller);
    }
    EXPECT_EQ(object(store, key), winners) << "exactly one, and its bytes";
    ASSERT_TRUE(store.remove(key));
  }
}

inline void check_lists(Store& store) {
  EXPECT_EQ(listed(store, "list/"), "");
  for (const char* key :
       {"list/b/2", "list/b.x", "list/b-x", "list/b/10", "list/a", "list/c/d/e"}) {
    ASSERT_TRUE(store.put(key, key));
  }
  EXPECT_EQ(listed(store, "list/"),
            "list/a:6 list/b-x:8 list/b.x:8 list/b/10:9 list/b/2:8 list/c/d/e:10 ")
      << "by bytes: '-' < '.' < '/'";
  EXPECT_EQ(listed(store, "list/b"), "list/b-x:8 list/b.x:8 list/b/10:9 list/b/2:8 ");
  EXPECT_EQ(listed(store, "list/b/1"), "list/b/10:9 ");
  EXPECT_EQ(listed(store, "list/", "list/b.x"), "list/b/10:9 list/b/2:8 list/c/d/e:10 ");
  EXPECT_EQ(listed(store, "list/", "list/b/"), "list/b/10:9 list/b/2:8 list/c/d/e:10 ");
  EXPECT_EQ(listed(store, "list/", "list/b/10"), "list/b/2:8 list/c/d/e:10 ");
  EXPECT_EQ(listed(store, "list/", "list/b/zzz"), "list/c/d/e:10 ") << "need not be a key";
  EXPECT_EQ(listed(store, "list/", "z"), "");
  EXPECT_EQ(listed(store, "elsewhere/"), "");
  for (const char* key :
       {"list/b/2", "list/b.x", "list/b-x", "list/b/10", "list/a", "list/c/d/e"}) {
    ASSERT_TRUE(store.remove(key));
  }
  EXPECT_EQ(listed(store, "list/"), "") << "empty folders are no objects";
}

inline void check_long_lists(Store& store) {
  const auto key = [](int i) { return "many/" + std::to_string(100'000 + i); };
  constexpr int kCount = static_cast<int>(Store::kMaxListed) + 5;
  for (int i = 0; i < kCount; ++i) ASSERT_TRUE(store.put(key(i), "x"));
  const auto page = store.list("many/");
  ASSERT_TRUE(page);
  ASSERT_EQ(page->size(), Store::kMaxListed);
  EXPECT_EQ(page->back().key, key(kCount - 6));
  const auto rest = store.list("many/", page->back().key);
  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->size(), 5u);
  EXPECT_EQ(rest->front().key, key(kCount - 5));
  for (int i = 0; i < kCount; ++i) ASSERT_TRUE(store.remove(key(i)));
}

inline void check_bad_keys(Store& store) {
  const std::string long_key(Store::kMaxKeyBytes + 1, 'k');
  for (const std::string& key :
       std::vector<std::string>{"", "/a", "a/", "a//b", "..", "a/../b", "a/./b", ".a", "a b",
                                "a\nb", "ä", "a%2e", long_key}) {
    EXPECT_FALSE(store.put(key, "x")) << key;
    EXPECT_FALSE(store.put_if_absent(key, "x")) << key;
    const auto got = store.get(key);
    ASSERT_FALSE(got) << key;
    EXPECT_EQ(got.error().code, core::ErrorCode::kInvalidInput);
    EXPECT_FALSE(store.remove(key)) << key;
  }
  EXPECT_TRUE(store.put("a-B_9/.x..y", "x")) << "dots within a name are fine";
  EXPECT_TRUE(store.remove("a-B_9/.x..y"));
}

inline void check_store_contract(Store& store) {
  check_single_objects(store);
  check_put_if_absent(store);
  check_one_of_many_wins(store);
  check_lists(store);
  check_long_lists(store);
  check_bad_keys(store);
}

}  // namespace slsart::run
