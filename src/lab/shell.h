// Shell: a running lab at a prompt, with Mininet's habits.
//
//     lab> a1 ping -c1 b1        a command in a router; names of routers become addresses
//     lab> link a1 down          pull a cable
//     lab> trace a1 tcp 100.0.0.1 -> 140.0.0.1:80
//
// `help` lists all. Lines are edited and remembered (libedit) when stdin is a terminal, and simply
// read when it is not. Commands run on the terminal as they are; Ctrl-C ends them, not the shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lab/lab.h"

namespace fabrix::lab {

// What words of a line separated by blanks are; 'single' and "double" quotes hold words together.
std::vector<std::string> shell_words(std::string_view line);

class Shell {
 public:
  // `lab` must outlive the shell.
  explicit Shell(Lab& lab) : lab_(lab) {}

  // Until `exit`, or the end of input.
  void run();

  enum class Next : std::uint8_t { kGoOn, kExit };

  // One line of input.
  Next execute(const std::string& line);

 private:
  using Words = std::vector<std::string>;

  void print_nodes() const;
  void print_net() const;
  void print_links() const;
  void dump() const;
  void pingall() const;
  void pingpair() const;
  void iperf(const Words& words) const;
  void link(const Words& words);
  void trace(const Words& words) const;
  void show(const Words& words) const;
  void run_in(std::string_view node, const Words& words) const;

  bool ping(const Node& from, const Node& to) const;
  void pings(const std::vector<const Node*>& nodes) const;
  const Node* find_node(std::string_view name) const;
  std::vector<const Node*> routers() const;
  std::string with_addresses(const std::string& word) const;

  Lab& lab_;
};

}  // namespace fabrix::lab
