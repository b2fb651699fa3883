#include "rpki/pdu_splitter.h"

#include <gtest/gtest.h>

#include "tests/rpki/octets.h"

namespace fabrix::rpki {
namespace {

TEST(PduSplitterTest, PortionsDoNotShow) {
  const std::vector<Bytes> pdus{encode(CacheReset{}), encode(announce(vrp("10.0.0.0/8", 1))),
                                encode(EndOfData{.session = 1, .serial = 2}), encode(CacheReset{})};
  const Bytes stream = join({pdus[0], pdus[1], pdus[2], pdus[3]});
  for (std::size_t portion = 1; portion <= stream.size(); ++portion) {
    SCOPED_TRACE(portion);
    PduSplitter splitter;
    std::vector<Bytes> seen;
    for (std::span<const std::byte> rest(stream); !rest.empty();) {
      auto bytes = rest.first(std::min(portion, rest.size()));
      rest = rest.subspan(bytes.size());
      for (;;) {
        const auto pdu = splitter.next(bytes);
        ASSERT_TRUE(pdu);
        if (!*pdu) break;
        seen.emplace_back((*pdu)->begin(), (*pdu)->end());
      }
      EXPECT_TRUE(bytes.empty());
    }
    EXPECT_EQ(seen, pdus);
  }
}

TEST(PduSplitterTest, ALengthThatNoPduHasIsAFaultBeforeTheBodyArrives) {
  for (const std::uint32_t length : {0U, 7U, 4097U, 0xffffffffU}) {
    SCOPED_TRACE(length);
    ByteWriter header;
    header.u32(0x01040000);
    header.u32(length);
    for (const std::size_t portion : {1U, 8U}) {
      PduSplitter splitter;
      std::span<const std::byte> bytes = header.view().first(portion);
      auto pdu = splitter.next(bytes);
      bytes = header.view().subspan(portion);
      if (pdu) pdu = splitter.next(bytes);
      ASSERT_FALSE(pdu);
      EXPECT_EQ(pdu.error(), Bytes(header.view().begin(), header.view().end()));
    }
  }
}

TEST(PduSplitterTest, ResetForgetsWhatWasBuffered) {
  PduSplitter splitter;
  const Bytes half = encode(announce(vrp("10.0.0.0/8", 1)));
  std::span<const std::byte> bytes = std::span(half).first(10);
  ASSERT_TRUE(splitter.next(bytes));
  splitter.reset();
  const Bytes whole = encode(CacheReset{});
  bytes = whole;
  const auto pdu = splitter.next(bytes);
  ASSERT_TRUE(pdu && *pdu);
  EXPECT_EQ(Bytes((*pdu)->begin(), (*pdu)->end()), whole);
}

}  // namespace
}  // namespace fabrix::rpki
