#include "http/body_source.h"

#include <memory>

#include <gtest/gtest.h>

namespace fabrix::http {
namespace {

std::string all_of(BodySource& source) {
  std::string text;
  while (const auto slice = source.next()) {
    EXPECT_LE(slice->size(), BodySource::kSlice);
    text += *slice;
  }
  EXPECT_FALSE(source.next());
  return text;
}

TEST(BodySource, IsEmptyByDefault) {
  BodySource source;
  EXPECT_EQ(source.length(), 0U);
  EXPECT_EQ(all_of(source), "");
}

TEST(BodySource, CutsAWholeBody) {
  const std::string text(BodySource::kSlice * 2 + 1, 'x');
  BodySource source(text);
  EXPECT_EQ(source.length(), text.size());
  EXPECT_EQ(all_of(source), text);
}

TEST(BodySource, AsksForPiecesAndCutsThem) {
  int asked = 0;
  BodySource source(NextPiece([&]() -> std::optional<std::string> {
    ++asked;
    if (asked == 4) return std::nullopt;
    return std::string(asked == 2 ? 0 : BodySource::kSlice + 1, 'y');
  }));
  EXPECT_EQ(source.length(), std::nullopt);
  EXPECT_EQ(all_of(source), std::string(2 * (BodySource::kSlice + 1), 'y'));
  EXPECT_EQ(asked, 4);
}

TEST(BodySource, LetsGoOfWhatThePiecesNeedAtTheirEnd) {
  auto held = std::make_shared<int>(1);
  BodySource source(NextPiece([held]() -> std::optional<std::string> { return std::nullopt; }));
  EXPECT_EQ(held.use_count(), 2);
  EXPECT_FALSE(source.next());
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace fabrix::http
