#include "telemetry/metric_rules.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "sflow/record.h"

namespace fabrix::telemetry {
namespace {

constexpr sflow::SourceId kPort{0, 1};
constexpr sflow::SourceId kGuest{3, 1};

TEST(MetricRules, HaveARuleForEachFieldOfTheirRecord) {
  std::size_t with_metrics = 0;
  for (const sflow::RecordSchema& schema : sflow::counter_schemas()) {
    SCOPED_TRACE(schema.name);
    for (const auto& source : {kPort, kGuest}) {
      const auto rules = metric_rules(schema.tag, source);
      if (rules.empty()) continue;
      ++with_metrics;
      EXPECT_EQ(rules.size(), schema.fields.size());
    }
  }
  EXPECT_EQ(with_metrics, 2 * 33U);
  EXPECT_TRUE(metric_rules(sflow::Tag::of(8888, 1), kPort).empty());
}

// Rules stand in the order of the fields: most have the field's name in theirs.
TEST(MetricRules, StandWhereTheirFieldStands) {
  const auto letters = [](std::string_view name) {
    std::string out;
    for (const char c : name) {
      if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
        out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      }
    }
    return out;
  };
  std::size_t alike = 0;
  std::size_t all = 0;
  for (const sflow::RecordSchema& schema : sflow::counter_schemas()) {
    const auto rules = metric_rules(schema.tag, kPort);
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const std::string field = letters(schema.fields[i].name);
      const std::string rule = letters(rules[i].name);
      const std::string tail = rule.substr(std::min<std::size_t>(rule.size(), 3));
      ++all;
      if (field.find(rule) != std::string::npos || rule.find(field) != std::string::npos ||
          field.find(tail) != std::string::npos) {
        ++alike;
      }
      // What is text stays text, and nothing else is.
      using enum sflow::FieldType;
      const auto type = schema.fields[i].type;
      const bool is_number = type == kU8 || type == kU32 || type == kU64 || type == kFloat ||
                             type == kHundredths || type == kRepeat;
      if (rules[i].name != "of_dpid") {
        EXPECT_EQ(rules[i].kind == MetricKind::kText, !is_number) << rules[i].name;
      }
    }
  }
  EXPECT_GE(alike * 10, all * 8);
}

// The names that sFlow-RT documents for interfaces, all of them (sflow-rt.com/metrics.php), and of
// hosts those that its application gmond-proxy asks for.
TEST(MetricRules, HaveTheDocumentedNames) {
  std::map<std::string, MetricKind, std::less<>> names;
  for (const sflow::RecordSchema& schema : sflow::counter_schemas()) {
    for (const auto& source : {kPort, kGuest}) {
      for (const MetricRule& rule : metric_rules(schema.tag, source)) {
        names.emplace(rule.name, rule.kind);
      }
    }
  }
  for (const std::string name : {"of_dpid",
                                 "of_port",
                                 "ifname",
                                 "ifindex",
                                 "iftype",
                                 "ifspeed",
                                 "ifdirection",
                                 "ifinoctets",
                                 "ifinucastpkts",
                                 "ifinmulticastpkts",
                                 "ifinbroadcastpkts",
                                 "ifindiscards",
                                 "ifinerrors",
                                 "ifinunknownprotos",
                                 "ifoutoctets",
                                 "ifoutucastpkts",
                                 "ifoutmulticastpkts",
                                 "ifoutbroadcastpkts",
                                 "ifoutdiscards",
                                 "ifouterrors",
                                 "eth_alignmenterrors",
                                 "eth_fcserrors",
                                 "eth_singlecollisions",
                                 "eth_multiplecollisions",
                                 "eth_sqetesterrors",
                                 "eth_deferredtx",
                                 "eth_latecollision",
                                 "machine_type",
                                 "os_name",
                                 "os_release",
                                 "load_one",
                                 "load_five",
                                 "load_fifteen",
                                 "cpu_num",
                                 "cpu_speed",
                                 "cpu_user",
                                 "cpu_nice",
                                 "cpu_system",
                                 "cpu_idle",
                                 "cpu_wio",
                                 "cpu_intr",
                                 "cpu_sintr",
                                 "proc_run",
                                 "proc_total",
                                 "mem_total",
                                 "mem_free",
                                 "mem_shared",
                                 "mem_buffers",
                                 "mem_cached",
                                 "swap_total",
                                 "swap_free",
                                 "bytes_in",
                                 "bytes_out",
                                 "pkts_in",
                                 "pkts_out",
                                 "disk_total",
                                 "disk_free",
                                 "host_name",
                                 "part_max_used",
                                 "vir_host_name",
                                 "app_usertime",
                                 "app_systemtime",
                                 "ovs_dp_flows"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
  EXPECT_EQ(names["ifinoctets"], MetricKind::kRate);
  EXPECT_EQ(names["ifspeed"], MetricKind::kGauge);
}

TEST(MetricRules, AGuestIsNoHost) {
  EXPECT_EQ(metric_rules(sflow::Tag::of(0, 2000), {2, 1})[0].name, "host_name");
  EXPECT_EQ(metric_rules(sflow::Tag::of(0, 2000), kGuest)[0].name, "vir_host_name");
}

}  // namespace
}  // namespace fabrix::telemetry
