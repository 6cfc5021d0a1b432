#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "core/text.h"

// For this room's tests only.
namespace slsart::report {

// Compares with src/report/golden/<name> (tests run in the repository's root). With
// SLSART_UPDATE_GOLDEN=1 in the environment the file is written instead: look at the diff.
inline void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = "src/report/golden/" + name;
  if (std::getenv("SLSART_UPDATE_GOLDEN") != nullptr) {
    ASSERT_TRUE(core::write_file(path, text));
    return;
  }
  const auto golden = core::read_file(path);
  ASSERT_TRUE(golden) << path;
  EXPECT_EQ(text, *golden) << "in " << path;
}

}  // namespace slsart::report
