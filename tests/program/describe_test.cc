#include <gtest/gtest.h>

#include "program/program.h"
#include "program/tag.h"

namespace fabrix::program {
namespace {

TEST(DescribeTest, WritesARowOnOneLine) {
  Row row;
  row.priority = 1002;
  row.match.metadata = Metadata::sender(net::ParticipantId{0});
  row.match.exact(net::Field::kEthType, 0x0800).exact(net::Field::kDstPort, 80);
  const MacPattern tag = match_reach(1, 1);
  row.match.ternary(net::Field::kDstMac, tag.bits, tag.mask);
  row.write_metadata =
      Metadata::egress(net::ParticipantId{1}) | Metadata::egress_router(net::RouterId{2});
  row.next = Goto{TableId::kInbound};
  EXPECT_EQ(to_string(row),
            "1002 sender=0 ethtype=0x0800 dstmac=02:00:00:00:10:00/c30000001000 dstport=80"
            " -> egress=1 router=2 inbound");
}

TEST(DescribeTest, WritesAddressesWritesAndEndings) {
  Row row;
  row.priority = 7;
  row.match.metadata = Metadata::not_control();
  row.match.ternary(net::Field::kDstIp4, 0x8c000000, 0xffffff00);
  row.set_fields = {{.field = net::Field::kDstMac, .value = 0x080027893b9f},
                    {.field = net::Field::kDscp, .value = 46}};
  row.next = Output{net::PortNo{4}};
  EXPECT_EQ(to_string(row),
            "7 control=0 dstip=140.0.0.0/ffffff00 -> dstmac:=08:00:27:89:3b:9f dscp:=46 port 4");
  row = {};
  EXPECT_EQ(to_string(row), "0 -> drop");
  row.next = ToController{};
  EXPECT_EQ(to_string(row), "0 -> controller");
}

TEST(DescribeTest, NamesTablesAndOrigins) {
  EXPECT_EQ(name_of(TableId::kAdmit), "admit");
  EXPECT_EQ(name_of(TableId::kTransit), "transit");
  EXPECT_EQ(name_of(Origin::Kind::kAntiSpoof), "anti-spoof");
  EXPECT_EQ(name_of(Origin::Kind::kTransit), "transit");
}

TEST(DescribeTest, WritesMetersCopiesAndForks) {
  Row row;
  row.priority = 5;
  row.meter = meter_of(net::ParticipantId{1}, 2, 500);
  row.copies = {net::PortNo{3}};
  row.next = Fork{.branches = {{Metadata::egress_router({0}), TableId::kInbound},
                               {Metadata::egress_router({4}), TableId::kTransit}}};
  EXPECT_EQ(to_string(row),
            "5 -> meter 65 (500 kbit/s) copy to port 3 for each of [inbound router=0] "
            "[transit router=4]");
}

TEST(DescribeTest, WritesWhatIsHashed) {
  Row row;
  row.hashes = {net::HashKey::kDstIp, net::HashKey::kFlow};
  row.next = Goto{TableId::kResolve};
  EXPECT_EQ(to_string(row), "0 -> hash(flow) hash(dstip) resolve");
}

}  // namespace
}  // namespace fabrix::program
