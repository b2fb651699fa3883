#include "telemetry/derived_metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
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

  bool has(std::string_view name) const { return numbers_.find(name) != nullptr; }

  // Of those that are there.
  double sum(std::initializer_list<std::string_view> names) const {
    double total = 0;
    for (const std::string_view name : names) total += or_zero(name);
    return total;
  }

 private:
  double get(std::string_view name, double missing) const {
    const double* const found = numbers_.find(name);
    return found != nullptr ? *found : missing;
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
  if (!in.has("cpu_idle")) return in["cpu_5s"];
  const double of_states = 100 - percent(in["cpu_idle"], cpu_time(in));
  return std::isfinite(of_states) ? of_states : in["cpu_5s"];
}

struct Derived {
  std::string_view name;
  std::string_view needs;  // without this one it is not there; empty: that is not all
  double (*from)(const Reader& in) = nullptr;
};

constexpr std::array kInterfaces{
    Derived{"ifinutilization", "ifinoctets",
            [](const Reader& in) { return in["ifinoctets"] * 800 / in["ifspeed"]; }},
    Derived{"ifoututilization", "ifoutoctets",
            [](const Reader& in) { return in["ifoutoctets"] * 800 / in["ifspeed"]; }},
    Derived{"ifinpkts", "ifinucastpkts",
            [](const Reader& in) {
              return in["ifinucastpkts"] + in.sum({"ifinmulticastpkts", "ifinbroadcastpkts"});
            }},
    Derived{"ifoutpkts", "ifoutucastpkts",
            [](const Reader& in) {
              return in["ifoutucastpkts"] + in.sum({"ifoutmulticastpkts", "ifoutbroadcastpkts"});
            }},
};

constexpr std::array kHosts{
    Derived{"load_one_per_cpu", "cpu_num",
            [](const Reader& in) { return in["load_one"] / in["cpu_num"]; }},
    Derived{"load_five_per_cpu", "cpu_num",
            [](const Reader& in) { return in["load_five"] / in["cpu_num"]; }},
    Derived{"load_fifteen_per_cpu", "cpu_num",
            [](const Reader& in) { return in["load_fifteen"] / in["cpu_num"]; }},
    Derived{"cpu_utilization", "", cpu_utilization},
    Derived{"cpu_user", "cpu_idle",
            [](const Reader& in) { return percent(in["cpu_user"], cpu_time(in)); }},
    Derived{"cpu_nice", "cpu_idle",
            [](const Reader& in) { return percent(in["cpu_nice"], cpu_time(in)); }},
    Derived{"cpu_system", "cpu_idle",
            [](const Reader& in) { return percent(in["cpu_system"], cpu_time(in)); }},
    Derived{"cpu_idle", "cpu_idle",
            [](const Reader& in) { return percent(in["cpu_idle"], cpu_time(in)); }},
    Derived{"cpu_wio", "cpu_idle",
            [](const Reader& in) { return percent(in["cpu_wio"], cpu_time(in)); }},
    Derived{"cpu_intr", "cpu_idle",
            [](const Reader& in) { return percent(in["cpu_intr"], cpu_time(in)); }},
    Derived{"cpu_sintr", "cpu_idle",
            [](const Reader& in) { return percent(in["cpu_sintr"], cpu_time(in)); }},
    Derived{"cpu_steal", "cpu_idle",
            [](const Reader& in) { return percent(in["cpu_steal"], cpu_time(in)); }},
    Derived{"cpu_guest", "cpu_idle",
            [](const Reader& in) { return percent(in["cpu_guest"], cpu_time(in)); }},
    Derived{"cpu_guest_nice", "cpu_idle",
            [](const Reader& in) { return percent(in["cpu_guest_nice"], cpu_time(in)); }},
    Derived{"mem_used", "mem_total", mem_used},
    Derived{"mem_utilization", "mem_total",
            [](const Reader& in) { return percent(mem_used(in), in["mem_total"]); }},
    Derived{"swap_utilization", "swap_total",
            [](const Reader& in) {
              return percent(in["swap_total"] - in["swap_free"], in["swap_total"]);
            }},
    Derived{"disk_utilization", "disk_total",
            [](const Reader& in) {
              return percent(in["disk_total"] - in["disk_free"], in["disk_total"]);
            }},
    // Of a guest: milliseconds a second, of so many processors.
    Derived{"vir_cpu_utilization", "vir_cpu_num",
            [](const Reader& in) { return in["vir_cpu_time"] / 10 / in["vir_cpu_num"]; }},
    Derived{"vir_mem_utilization", "vir_mem_total",
            [](const Reader& in) { return percent(in["vir_mem_used"], in["vir_mem_total"]); }},
    Derived{"vir_disk_utilization", "vir_disk_capacity",
            [](const Reader& in) {
              return percent(in["vir_disk_allocation"], in["vir_disk_capacity"]);
            }},
    Derived{"node_memory_utilization", "node_memory",
            [](const Reader& in) {
              return percent(in["node_memory"] - in["node_memory_free"], in["node_memory"]);
            }},
    Derived{"nvml_gpu_utilization", "nvml_device_count",
            [](const Reader& in) { return in["nvml_gpu_time"] / 10 / in["nvml_device_count"]; }},
};

constexpr std::array kApplications{
    Derived{"http_requests", "http_method_get",
            [](const Reader& in) {
              return in["http_method_get"] +
                     in.sum({"http_method_option", "http_method_head", "http_method_post",
                             "http_method_put", "http_method_delete", "http_method_trace",
                             "http_method_connect", "http_method_other"});
            }},
    Derived{"app_errors", "app_other", app_errors},
    Derived{"app_requests", "app_success",
            [](const Reader& in) { return in["app_success"] + app_errors(in); }},
    Derived{"workers_utilization", "workers_max",
            [](const Reader& in) { return percent(in["workers_active"], in["workers_max"]); }},
    Derived{"ovs_dp_missrate", "ovs_dp_misses",
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

// visit(Derived), or visit(Table).
template <typename Visit>
void each_derived(Visit&& visit) {
  for (const Derived& metric : kInterfaces) visit(metric);
  for (const Derived& metric : kHosts) visit(metric);
  for (const Derived& metric : kApplications) visit(metric);
  for (const Table& table : kTables) visit(table);
}

// Perhaps not finite.
double value_of(const Derived& metric, const Reader& in) {
  const bool is_missing = !metric.needs.empty() && !in.has(metric.needs);
  return is_missing ? std::numeric_limits<double>::quiet_NaN() : metric.from(in);
}

double value_of(const Table& table, const Reader& in) {
  return in.has(table.used) ? percent(in[table.used], in[table.most])
                            : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

void MetricNumbers::set(const MetricNumber& number) {
  const auto found =
      std::find_if(numbers_.rbegin(), numbers_.rend(),
                   [&](const MetricNumber& each) { return each.name == number.name; });
  if (found == numbers_.rend()) return add(number);
  found->value = number.value;
}

const double* MetricNumbers::find(std::string_view name) const {
  if ((initials_ & initial_of(name)) == 0) return nullptr;
  const auto found = std::find_if(numbers_.rbegin(), numbers_.rend(),
                                  [&](const MetricNumber& each) { return each.name == name; });
  return found != numbers_.rend() ? &found->value : nullptr;
}

void derive_metrics(MetricNumbers& numbers) {
  // All of them from what was there before, so that their order does not matter.
  std::vector<MetricNumber> derived;
  const Reader in(numbers);
  each_derived([&](const auto& metric) {
    const double value = value_of(metric, in);
    if (std::isfinite(value)) derived.push_back({.name = metric.name, .value = value});
  });
  for (const MetricNumber& number : derived) numbers.set(number);
}

std::vector<std::string_view> derived_metric_names() {
  std::vector<std::string_view> names;
  each_derived([&](const auto& metric) { names.push_back(metric.name); });
  return names;
}

}  // namespace fabrix::telemetry
