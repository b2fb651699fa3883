// PrivateOvs: an Open vSwitch of one's own for a test: ovsdb-server and ovs-vswitchd with the
// userspace datapath, in a fresh directory and a fresh network namespace.
//
// Everything it starts or makes is gone after stop() or the destructor; the daemons also die with
// the test's thread. Functions return false or what the tools printed; error() says what went
// wrong. Waits on conditions only, each for at most ten seconds. POSIX and Linux; needs
// CAP_NET_ADMIN and CAP_SYS_ADMIN. One thread.
#pragma once

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fabrix::tests {

// What a program printed on both outputs, and its exit status (-1: it could not run, or was
// killed).
struct Ran {
  int status = -1;
  std::string output;
};

// What exec() takes: made before fork(), after which a child may not allocate.
inline std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// This process's environment with `additions` in front, where they hide what they name.
inline std::vector<std::string> environment_with(std::vector<std::string> additions) {
  for (char** variable = environ; *variable != nullptr; ++variable) {
    additions.emplace_back(*variable);
  }
  return additions;
}

// Runs a program to its end. `environment` are "NAME=value" additions.
inline Ran run_program(std::vector<std::string> arguments,
                       std::vector<std::string> environment = {}) {
  const std::vector<char*> argv = pointers_to(arguments);
  environment = environment_with(std::move(environment));
  const std::vector<char*> envp = pointers_to(environment);
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) return {};
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(pipe_ends[1], STDOUT_FILENO);
    dup2(pipe_ends[1], STDERR_FILENO);
    execvpe(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  close(pipe_ends[1]);
  Ran ran;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t got = read(pipe_ends[0], buffer.data(), buffer.size());
    if (got <= 0) break;
    ran.output.append(buffer.data(), static_cast<std::size_t>(got));
  }
  close(pipe_ends[0]);
  int status = 0;
  if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status)) {
    ran.status = WEXITSTATUS(status);
  }
  return ran;
}

inline bool is_installed(const std::string& program) {
  return run_program({"which", program}).status == 0;
}

class PrivateOvs {
 public:
  PrivateOvs() = default;
  PrivateOvs(const PrivateOvs&) = delete;
  PrivateOvs(PrivateOvs&&) = delete;
  PrivateOvs& operator=(const PrivateOvs&) = delete;
  PrivateOvs& operator=(PrivateOvs&&) = delete;
  ~PrivateOvs() { stop(); }

  // Why it cannot work here, for GTEST_SKIP; none if it can.
  static std::optional<std::string> unavailable() {
    if (geteuid() != 0) return "needs root";
    for (const char* program :
         {"ovsdb-server", "ovsdb-tool", "ovs-vswitchd", "ovs-vsctl", "ovs-ofctl", "ovs-appctl"}) {
      if (!is_installed(program)) return std::string(program) + " is not installed";
    }
    if (access("/dev/net/tun", R_OK | W_OK) != 0) return "no /dev/net/tun";
    return std::nullopt;
  }

  bool start() {
    std::string pattern = std::filesystem::temp_directory_path() / "fxovs.XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) return failed("cannot make a directory");
    directory_ = pattern;
    const std::string name =
        "fxovs-" + std::filesystem::path(pattern).extension().string().substr(1);
    if (!run_ok({"ip", "netns", "add", name})) return false;
    netns_ = name;
    const std::string db = directory_ + "/conf.db";
    if (!run_ok({"ovsdb-tool", "create", db, "/usr/share/openvswitch/vswitch.ovsschema"})) {
      return false;
    }
    database_pid_ = spawn({"ovsdb-server", db, "--remote=p" + database(),
                           "--unixctl=" + directory_ + "/ovsdb.ctl", "-vconsole:off"});
    if (!vsctl({"--no-wait", "init"})) return false;
    switch_pid_ = spawn(
        {"ovs-vswitchd", database(), "--unixctl=" + directory_ + "/vswitchd.ctl", "-vconsole:off"});
    return switch_pid_ > 0;
  }

  // A bridge in secure mode that speaks OpenFlow 1.3 to 1.5 with whoever listens on
  // `controller_socket`, which must lie directly in run_directory(); empty = no controller.
  bool bridge(const std::string& name, const std::string& controller_socket = "") {
    std::vector<std::string> command{"add-br",
                                     name,
                                     "--",
                                     "set",
                                     "bridge",
                                     name,
                                     "datapath_type=netdev",
                                     "protocols=OpenFlow13,OpenFlow14,OpenFlow15",
                                     "fail-mode=secure"};
    if (!vsctl(command)) return false;
    if (controller_socket.empty()) return true;
    return vsctl({"set-controller", name, "unix:" + controller_socket, "--", "set", "controller",
                  name, "max_backoff=1000"});
  }

  // Adds a device of the namespace (netns()) as port `number`, or makes it if `type` is "internal".
  bool add_port(const std::string& bridge, const std::string& device, unsigned number,
                const std::string& type = "internal") {
    return vsctl({"add-port", bridge, device, "--", "set", "interface", device, "type=" + type,
                  "ofport_request=" + std::to_string(number)});
  }

  bool delete_port(const std::string& bridge, const std::string& device) {
    return vsctl({"del-port", bridge, device});
  }

  // ovs-appctl ofproto/trace: what would happen to a packet such as "in_port=1,tcp,tcp_dst=80".
  std::string trace(const std::string& bridge, const std::string& flow) {
    return appctl({"ofproto/trace", bridge, flow});
  }

  std::string dump_flows(const std::string& bridge) {
    return run({"ovs-ofctl", "-O", "OpenFlow14", "dump-flows", management(bridge)}).output;
  }

  // Any other ovs-appctl command to ovs-vswitchd; any ovs-vsctl command.
  std::string appctl(std::vector<std::string> command) {
    command.insert(command.begin(),
                   {"ovs-appctl", "--timeout=10", "-t", directory_ + "/vswitchd.ctl"});
    return run(command).output;
  }

  bool vsctl(std::vector<std::string> command) {
    command.insert(command.begin(), {"ovs-vsctl", "--retry", "--timeout=10", "--db=" + database()});
    return run_ok(command);
  }

  // The socket on which a bridge listens for further controllers: "unix:...".
  std::string management(const std::string& bridge) const {
    return "unix:" + directory_ + "/" + bridge + ".mgmt";
  }
  const std::string& run_directory() const { return directory_; }
  const std::string& netns() const { return netns_; }
  const std::string& error() const { return error_; }

  // Ends the switch as a crash would, keeping the database.
  void kill_switch() { end(switch_pid_, SIGKILL); }
  bool restart_switch() {
    switch_pid_ = spawn(
        {"ovs-vswitchd", database(), "--unixctl=" + directory_ + "/vswitchd.ctl", "-vconsole:off"});
    return switch_pid_ > 0;
  }

  void stop() {
    end(switch_pid_, SIGTERM);
    end(database_pid_, SIGTERM);
    if (!netns_.empty()) run({"ip", "netns", "delete", std::exchange(netns_, {})});
    if (directory_.empty()) return;
    std::error_code ignored;
    std::filesystem::remove_all(std::exchange(directory_, {}), ignored);
  }

 private:
  static constexpr int kTimeoutMilliseconds = 10'000;

  std::string database() const { return "unix:" + directory_ + "/db.sock"; }

  std::vector<std::string> environment() const {
    return {"OVS_RUNDIR=" + directory_, "OVS_LOGDIR=" + directory_, "OVS_DBDIR=" + directory_,
            "OVS_SYSCONFDIR=" + directory_};
  }

  bool failed(std::string why) {
    error_ = std::move(why);
    return false;
  }

  Ran run(const std::vector<std::string>& command) { return run_program(command, environment()); }

  bool run_ok(const std::vector<std::string>& command) {
    const Ran ran = run(command);
    if (ran.status == 0) return true;
    std::string text = "status " + std::to_string(ran.status) + " of";
    for (const std::string& word : command) text += " " + word;
    return failed(text + ": " + ran.output);
  }

  // Starts a daemon in the namespace, in the foreground and quiet.
  pid_t spawn(std::vector<std::string> arguments) {
    const std::vector<char*> argv = pointers_to(arguments);
    std::vector<std::string> variables = environment_with(environment());
    const std::vector<char*> envp = pointers_to(variables);
    const std::string netns_path = "/run/netns/" + netns_;
    const pid_t pid = fork();
    if (pid != 0) return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int netns = open(netns_path.c_str(), O_RDONLY | O_CLOEXEC);
    if (netns < 0 || setns(netns, CLONE_NEWNET) != 0) _exit(126);
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(null, stream);
    execvpe(argv[0], argv.data(), envp.data());
    _exit(127);
  }

  // Signals a daemon and waits for its end, by SIGKILL if the signal does not do.
  static void end(pid_t& daemon, int signal) {
    if (daemon <= 0) return;
    const pid_t pid = std::exchange(daemon, -1);
    const int handle = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    kill(pid, signal);
    pollfd wait{.fd = handle, .events = POLLIN, .revents = 0};
    if (handle < 0 || poll(&wait, 1, kTimeoutMilliseconds) <= 0) kill(pid, SIGKILL);
    if (handle >= 0) close(handle);
    waitpid(pid, nullptr, 0);
  }

  std::string directory_;
  std::string netns_;
  std::string error_;
  pid_t database_pid_ = -1;
  pid_t switch_pid_ = -1;
};

}  // namespace fabrix::tests
