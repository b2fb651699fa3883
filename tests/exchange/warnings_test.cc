#include "exchange/warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(WarningsTest, Rfc8212_3_SaysThatThereAreNoRoutesWithoutAPolicy) {
  EXPECT_THAT(warnings(loaded(with_policies("", ""))), ElementsAre(HasSubstr("RFC 8212")));
  EXPECT_THAT(warnings(loaded(with_policies("import: {max_prefix: {ipv4: 10}}", ""))),
              ElementsAre(HasSubstr("write policy: minimal, ixp or strict")));
}

TEST(WarningsTest, SaysNothingOfAPolicyThatWasChosen) {
  for (const auto* const policy : {"policy: minimal", "policy: ixp", "policy: strict"}) {
    EXPECT_THAT(warnings(loaded(with_policies(policy, ""))), IsEmpty()) << policy;
  }
}

}  // namespace
}  // namespace fabrix::exchange
