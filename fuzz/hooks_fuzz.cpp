// What a processor's process sends: frames in any pieces, answers of any shape. The same bytes give
// the same frames however they are cut; nothing is read outside of them; edits never hold a half
// pair.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/check.h"
#include "core/value.h"
#include "engine/hooks/answer.h"
#include "hooks/frame.h"

namespace {

std::vector<std::string> frames_of(std::string_view bytes, std::size_t piece) {
  slsart::hooks::FrameReader reader;
  std::vector<std::string> frames;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (!reader.push(bytes.substr(at, piece))) break;
    std::string_view json;
    while (reader.next(json)) frames.emplace_back(json);
  }
  return frames;
}

void read_answers(slsart::core::Value& answers) {
  if (!answers.is_list()) return;
  for (slsart::core::Value& one : answers.as_list()) {
    const slsart::engine::HookAnswer answer = slsart::engine::read_answer(one);
    SLSART_CHECK(answer.variables == nullptr || answer.variables->is_list());
    if (answer.edits == nullptr) continue;
    const slsart::engine::RequestEdits edits = slsart::engine::read_edits(*answer.edits);
    SLSART_CHECK(!edits.credentials || edits.credentials->empty() ||
                 edits.credentials->size() == 2);
    SLSART_CHECK(!edits.body || edits.has_body);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> frames = frames_of(bytes, bytes.size() + 1);
  // A frame that is too large is noticed sooner in small pieces, so what is there is a prefix.
  const std::vector<std::string> others = frames_of(bytes, 3);
  for (std::size_t i = 0; i < std::min(frames.size(), others.size()); ++i)
    SLSART_CHECK(frames[i] == others[i]);
  for (const std::string& frame : frames) {
    auto value = slsart::core::parse_json(frame);
    if (!value) continue;
    if (slsart::core::Value* answers = value->find("r")) read_answers(*answers);
  }
  // The bytes as one answer, too, so that the shapes are found without the frame's size.
  if (auto value = slsart::core::parse_json(bytes)) read_answers(*value);
  return 0;
}
