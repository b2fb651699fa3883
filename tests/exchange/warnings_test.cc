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

// kGood's exchange, with the section sflow.
Exchange with_sflow(FabricType fabric) {
  Exchange exchange = loaded(with_policies("policy: ixp", ""));
  exchange.fabric.type = fabric;
  exchange.sflow.collectors = {{.address = net::IpAddress::parse("192.0.2.9").value(), .port = 1}};
  return exchange;
}

TEST(WarningsTest, SaysThatAnOpenFlowSwitchSendsItsSamplesItself) {
  EXPECT_THAT(warnings(with_sflow(FabricType::kOpenFlow)), ElementsAre(HasSubstr("sflow: ")));
  EXPECT_THAT(warnings(with_sflow(FabricType::kLinux)), IsEmpty());
}

TEST(WarningsTest, SaysThatARateWithoutCollectorsIsOfNoUse) {
  Exchange exchange = with_sflow(FabricType::kLinux);
  exchange.routers.at(0).sflow_rate = 10;
  EXPECT_THAT(warnings(exchange), IsEmpty());
  exchange.sflow.collectors.clear();
  EXPECT_THAT(warnings(exchange), ElementsAre(HasSubstr("sflow_rate has no effect")));
}

TEST(WarningsTest, SaysHowManyFlowEntriesChecksOfSourcesMayTake) {
  Exchange exchange = loaded(with_policies("policy: ixp", ""));
  for (Router& router : exchange.routers) {
    router.sources = {.mode = SourceCheck::kDrop, .allowed = {}, .max_prefixes = 50};
  }
  EXPECT_THAT(warnings(exchange), ElementsAre(HasSubstr("up to 200 flow entries in its first "
                                                        "table, for 2 ports")));
  exchange.fabric.type = FabricType::kLinux;
  EXPECT_THAT(warnings(exchange), IsEmpty());
}

}  // namespace
}  // namespace fabrix::exchange
