#include "verify/inquiry.h"

#include <gtest/gtest.h>

#include "tests/verify/asked.h"

namespace fabrix::verify {
namespace {

using program::TableId;

class InquiryTest : public testing::Test {
 protected:
  template <typename Ask>
  auto ask(Ask question) {
    Asked asked(walkthrough_, std::nullopt);
    Inquiry inquiry(asked.task, Walkthrough::kA);
    return question(inquiry);
  }

  Walkthrough walkthrough_;
};

TEST_F(InquiryTest, FindsNothingInARightProgram) {
  EXPECT_FALSE(ask([](Inquiry& inquiry) { return inquiry.any(); }));
}

TEST_F(InquiryTest, ShowsAPacketToAnAnnouncedPrefix) {
  walkthrough_
      .row(TableId::kOutbound,
           [](const program::Row& row) {
             return row.origin.kind == program::Origin::Kind::kOutboundClause &&
                    row.origin.clause == 0;
           })
      .next = program::Discard{};
  const auto found = ask([](Inquiry& inquiry) { return inquiry.any(); });
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->prefix.contains(found->difference.packet.dst_ip));
  EXPECT_EQ(found->difference.packet.dst_port, 80);
  EXPECT_EQ(found->difference.is.kind, Effect::Kind::kDrop);
  EXPECT_EQ(found->difference.should.kind, Effect::Kind::kContinue);
}

TEST_F(InquiryTest, ShowsWhatGoesPastThePolicy) {
  const auto prefix = net::Prefix::parse("140.0.0.0/24").value();
  const auto found = ask([&](Inquiry& inquiry) {
    return inquiry.past_policy(Walkthrough::kC1, prefix, {Walkthrough::kC1, Walkthrough::kB1});
  });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->packet.dst_port, 80);
  EXPECT_FALSE(ask([&](Inquiry& inquiry) {
    return inquiry.past_policy(Walkthrough::kD1, prefix, {Walkthrough::kD1});
  }));
}

}  // namespace
}  // namespace fabrix::verify
