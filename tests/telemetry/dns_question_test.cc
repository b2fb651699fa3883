#include "telemetry/dns_question.h"

#include <gtest/gtest.h>

#include "tests/sflow/frames.h"

namespace fabrix::telemetry {
namespace {

using sflow::octets;
// NOLINTNEXTLINE(misc-unused-using-decls): clang-tidy 14 does not see the use of an operator
using sflow::operator+;

const sflow::Octets kHeader = octets({0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});

// RFC 1035 §4.1.2.
TEST(DnsQuestion, ReadsNameTypeAndClass) {
  const auto question = dns_question(kHeader + octets({3, 'w', 'w', 'w', 7, 'e', 'x', 'a', 'm', 'p',
                                                       'l', 'e', 0, 0, 28, 0, 1}))
                            .value();
  EXPECT_EQ(question.name, "www.example.");
  EXPECT_EQ(question.type, 28);
  EXPECT_EQ(question.question_class, 1);
  EXPECT_EQ(dns_question(kHeader + octets({0, 0, 2, 0, 1})).value().name, ".");
}

// RFC 4343 §2.1.
TEST(DnsQuestion, EscapesWhatIsNotPrintable) {
  EXPECT_EQ(dns_question(kHeader + octets({3, 0, ' ', '\\', 0, 0, 1, 0, 1})).value().name,
            "\\000\\032\\092.");
}

TEST(DnsQuestion, RefusesWhatIsNone) {
  const auto whole = kHeader + octets({2, 'd', 'e', 0, 0, 1, 0, 1});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(dns_question(sflow::Bytes(whole).first(size))) << size;
  }
  auto none = whole;
  none[5] = std::byte{0};
  EXPECT_FALSE(dns_question(none));
  EXPECT_FALSE(dns_question(kHeader + octets({0xc0, 12, 0, 1, 0, 1})));  // compressed
  sflow::Octets endless = kHeader;
  for (int i = 0; i < 5; ++i) endless = endless + octets({63}) + sflow::Octets(63, std::byte{'a'});
  EXPECT_FALSE(dns_question(endless + octets({0, 0, 1, 0, 1})));
}

TEST(DnsQuestion, NamesTypes) {
  EXPECT_EQ(dns_type_name(1), "A");
  EXPECT_EQ(dns_type_name(28), "AAAA");
  EXPECT_EQ(dns_type_name(255), "ANY");
  EXPECT_EQ(dns_type_name(65280), "65280");
}

}  // namespace
}  // namespace fabrix::telemetry
