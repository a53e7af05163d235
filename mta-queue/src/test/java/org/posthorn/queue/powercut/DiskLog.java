package org.posthorn.queue.powercut;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.StackWalker.StackFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Everything that changed on a disk, in order. Safe for use by many threads. */
final class DiskLog {
  /** Where syncs pass through, and not where they are asked for. */
  private static final Set<String> PASSED = Set.of("Disk", "DirectorySync", "PlatformThreads", "FaultyDisk",
      "WrappedDisk");
  private static final String OUR_CODE = "org.posthorn.queue.";

  @GuardedBy("this")
  private final List<DiskStep> steps = new ArrayList<>();
  @GuardedBy("this")
  private int files;

  synchronized void add(DiskStep step) {
    steps.add(step);
  }

  /** Returns the number of a file that is new. */
  synchronized int nextFile() {
    return files++;
  }

  /** Returns how many steps there are. */
  synchronized int size() {
    return steps.size();
  }

  /** Returns all steps so far. */
  synchronized List<DiskStep> steps() {
    return List.copyOf(steps);
  }

  /** Returns the place in the program that asks for the sync that is done now; {@code index} for the database's own. */
  static String site() {
    return StackWalker.getInstance()
        .walk(frames -> frames.filter(DiskLog::isAsking).findFirst().map(DiskLog::place).orElse("index"));
  }

  private static boolean isAsking(StackFrame frame) {
    var name = frame.getClassName();
    return name.startsWith(OUR_CODE) && !name.startsWith(DiskLog.class.getPackageName())
        && !PASSED.contains(simpleName(name).replaceFirst("\\$.*", ""))
        && !frame.getMethodName().equals("syncDirectoryOf");
  }

  private static String place(StackFrame frame) {
    var type = simpleName(frame.getClassName());
    return type.startsWith("H2") ? "index" : "%s.%s:%d".formatted(type, method(frame), frame.getLineNumber());
  }

  private static String method(StackFrame frame) {
    return frame.getMethodName().replaceFirst("lambda\\$(.*)\\$\\d+", "$1");
  }

  private static String simpleName(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }
}
