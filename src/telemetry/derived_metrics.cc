#include "telemetry/derived_metrics.h"

#include <array>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <utility>

namespace fabrix::telemetry {
namespace {

// Reads numbers, so that what needs a missing one becomes not-a-number.
class Reader {
 public:
  explicit Reader(const MetricNumbers& numbers) : numbers_(numbers) {}

  double operator[](std::string_view name) const {
    return get(name, std::numeric_limits<double>::quiet_NaN());
  }
  double or_zero(std::string_view name) const { return get(name, 0); }

  // Of those that are there.
  double sum(std::initializer_list<std::string_view> names) const {
    double total = 0;
    for (const std::string_view name : names) total += or_zero(name);
    return total;
  }

 private:
  double get(std::string_view name, double missing) const {
    const auto found = numbers_.find(name);
    return found != numbers_.end() ? found->second : missing;
  }

  const MetricNumbers& numbers_;
};

double percent(double part, double whole) {
  return 100 * part / whole;
}

// Linux counts a guest's time as its user's too, so it is no part of its own.
double cpu_time(const Reader& in) {
  return in["cpu_idle"] + in["cpu_user"] +
         in.sum({"cpu_nice", "cpu_system", "cpu_wio", "cpu_intr", "cpu_sintr", "cpu_steal"});
}

double mem_used(const Reader& in) {
  return in["mem_total"] - in["mem_free"] - in.or_zero("mem_buffers") - in.or_zero("mem_cached");
}

double app_errors(const Reader& in) {
  return in["app_other"] + in.sum({"app_timeout", "app_internal_error", "app_bad_request",
                                   "app_forbidden", "app_too_large", "app_not_implemented",
                                   "app_not_found", "app_unavailable", "app_unauthorized"});
}

double cpu_utilization(const Reader& in) {
  const double of_states = 100 - percent(in["cpu_idle"], cpu_time(in));
  return std::isfinite(of_states) ? of_states : in["cpu_5s"];
}

struct Derived {
  std::string_view name;
  double (*from)(const Reader& in) = nullptr;
};

constexpr std::array kInterfaces{
    Derived{"ifinutilization",
            [](const Reader& in) { return in["ifinoctets"] * 800 / in["ifspeed"]; }},
    Derived{"ifoututilization",
            [](const Reader& in) { return in["ifoutoctets"] * 800 / in["ifspeed"]; }},
    Derived{"ifinpkts",
            [](const Reader& in) {
              return in["ifinucastpkts"] + in.sum({"ifinmulticastpkts", "ifinbroadcastpkts"});
            }},
    Derived{"ifoutpkts",
            [](const Reader& in) {
              return in["ifoutucastpkts"] + in.sum({"ifoutmulticastpkts", "ifoutbroadcastpkts"});
            }},
};

constexpr std::array kHosts{
    Derived{"load_one_per_cpu", [](const Reader& in) { return in["load_one"] / in["cpu_num"]; }},
    Derived{"load_five_per_cpu", [](const Reader& in) { return in["load_five"] / in["cpu_num"]; }},
    Derived{"load_fifteen_per_cpu",
            [](const Reader& in) { return in["load_fifteen"] / in["cpu_num"]; }},
    Derived{"cpu_utilization", cpu_utilization},
    Derived{"cpu_user", [](const Reader& in) { return percent(in["cpu_user"], cpu_time(in)); }},
    Derived{"cpu_nice", [](const Reader& in) { return percent(in["cpu_nice"], cpu_time(in)); }},
    Derived{"cpu_system", [](const Reader& in) { return percent(in["cpu_system"], cpu_time(in)); }},
    Derived{"cpu_idle", [](const Reader& in) { return percent(in["cpu_idle"], cpu_time(in)); }},
    Derived{"cpu_wio", [](const Reader& in) { return percent(in["cpu_wio"], cpu_time(in)); }},
    Derived{"cpu_intr", [](const Reader& in) { return percent(in["cpu_intr"], cpu_time(in)); }},
    Derived{"cpu_sintr", [](const Reader& in) { return percent(in["cpu_sintr"], cpu_time(in)); }},
    Derived{"cpu_steal", [](const Reader& in) { return percent(in["cpu_steal"], cpu_time(in)); }},
    Derived{"cpu_guest", [](const Reader& in) { return percent(in["cpu_guest"], cpu_time(in)); }},
    Derived{"cpu_guest_nice",
            [](const Reader& in) { return percent(in["cpu_guest_nice"], cpu_time(in)); }},
    Derived{"mem_used", mem_used},
    Derived{"mem_utilization",
            [](const Reader& in) { return percent(mem_used(in), in["mem_total"]); }},
    Derived{"swap_utilization",
            [](const Reader& in) {
              return percent(in["swap_total"] - in["swap_free"], in["swap_total"]);
            }},
    Derived{"disk_utilization",
            [](const Reader& in) {
              return percent(in["disk_total"] - in["disk_free"], in["disk_total"]);
            }},
    // Of a guest: milliseconds a second, of so many processors.
    Derived{"vir_cpu_utilization",
            [](const Reader& in) { return in["vir_cpu_time"] / 10 / in["vir_cpu_num"]; }},
    Derived{"vir_mem_utilization",
            [](const Reader& in) { return percent(in["vir_mem_used"], in["vir_mem_total"]); }},
    Derived{"vir_disk_utilization",
            [](const Reader& in) {
              return percent(in["vir_disk_allocation"], in["vir_disk_capacity"]);
            }},
    Derived{"node_memory_utilization",
            [](const Reader& in) {
              return percent(in["node_memory"] - in["node_memory_free"], in["node_memory"]);
            }},
    Derived{"nvml_gpu_utilization",
            [](const Reader& in) { return in["nvml_gpu_time"] / 10 / in["nvml_device_count"]; }},
};

constexpr std::array kApplications{
    Derived{"http_requests",
            [](const Reader& in) {
              return in["http_method_get"] +
                     in.sum({"http_method_option", "http_method_head", "http_method_post",
                             "http_method_put", "http_method_delete", "http_method_trace",
                             "http_method_connect", "http_method_other"});
            }},
    Derived{"app_errors", app_errors},
    Derived{"app_requests", [](const Reader& in) { return in["app_success"] + app_errors(in); }},
    Derived{"workers_utilization",
            [](const Reader& in) { return percent(in["workers_active"], in["workers_max"]); }},
    Derived{"ovs_dp_missrate",
            [](const Reader& in) {
              return percent(in["ovs_dp_misses"], in["ovs_dp_hits"] + in["ovs_dp_misses"]);
            }},
};

// The tables of a Broadcom switch: how full they are.
struct Table {
  std::string_view name;
  std::string_view used;
  std::string_view most;
};

constexpr std::array kTables{
    Table{"bcm_host_utilization", "bcm_host_entries", "bcm_host_entries_max"},
    Table{"bcm_mac_utilization", "bcm_mac_entries", "bcm_mac_entries_max"},
    Table{"bcm_ipv4_utilization", "bcm_ipv4_entries", "bcm_ipv4_entries_max"},
    Table{"bcm_ipv6_utilization", "bcm_ipv6_entries", "bcm_ipv6_entries_max"},
    Table{"bcm_ipv4_ipv6_utilization", "bcm_ipv4_ipv6_entries", "bcm_ipv4_ipv6_entries_max"},
    Table{"bcm_long_ipv6_utilization", "bcm_long_ipv6_entries", "bcm_long_ipv6_entries_max"},
    Table{"bcm_total_routes_utilization", "bcm_total_routes", "bcm_total_routes_max"},
    Table{"bcm_ecmp_nexthops_utilization", "bcm_ecmp_nexthops", "bcm_ecmp_nexthops_max"},
    Table{"bcm_acl_ingress_utilization", "bcm_acl_ingress_entries", "bcm_acl_ingress_entries_max"},
    Table{"bcm_acl_ingress_counters_utilization", "bcm_acl_ingress_counters",
          "bcm_acl_ingress_counters_max"},
    Table{"bcm_acl_ingress_meters_utilization", "bcm_acl_ingress_meters",
          "bcm_acl_ingress_meters_max"},
    Table{"bcm_acl_ingress_slices_utilization", "bcm_acl_ingress_slices",
          "bcm_acl_ingress_slices_max"},
    Table{"bcm_acl_egress_utilization", "bcm_acl_egress_entries", "bcm_acl_egress_entries_max"},
    Table{"bcm_acl_egress_counters_utilization", "bcm_acl_egress_counters",
          "bcm_acl_egress_counters_max"},
    Table{"bcm_acl_egress_meters_utilization", "bcm_acl_egress_meters",
          "bcm_acl_egress_meters_max"},
    Table{"bcm_acl_egress_slices_utilization", "bcm_acl_egress_slices",
          "bcm_acl_egress_slices_max"},
};

// visit(name, value), the value perhaps not finite.
template <typename Visit>
void each_derived(const Reader& in, Visit&& visit) {
  for (const Derived& metric : kInterfaces) visit(metric.name, metric.from(in));
  for (const Derived& metric : kHosts) visit(metric.name, metric.from(in));
  for (const Derived& metric : kApplications) visit(metric.name, metric.from(in));
  for (const Table& table : kTables) visit(table.name, percent(in[table.used], in[table.most]));
}

}  // namespace

void derive_metrics(MetricNumbers& numbers) {
  // All of them from what was there before, so that their order does not matter.
  std::vector<std::pair<std::string_view, double>> derived;
  each_derived(Reader(numbers), [&](std::string_view name, double value) {
    if (std::isfinite(value)) derived.emplace_back(name, value);
  });
  for (const auto& [name, value] : derived) numbers.insert_or_assign(std::string(name), value);
}

std::vector<std::string_view> derived_metric_names() {
  std::vector<std::string_view> names;
  each_derived(Reader({}), [&](std::string_view name, double) { names.push_back(name); });
  return names;
}

}  // namespace fabrix::telemetry
