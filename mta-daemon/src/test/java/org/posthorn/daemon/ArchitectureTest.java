package org.posthorn.daemon;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the arrows between the modules, the place of each library, and the bans of CONTRIBUTING.md. */
class ArchitectureTest {
  private static final JavaClasses PRODUCT = new ClassFileImporter()
      .withImportOption(new ImportOption.DoNotIncludeTests())
      .withImportOption(location -> !location.contains("-tests.jar")) // fakes of another module
      .importPackages("org.posthorn");

  @ParameterizedTest(name = "{0} imports only {1}")
  @CsvSource({"smtp, smtp", "dns, dns smtp", "queue, queue smtp", "delivery, delivery dns queue smtp"})
  void modulesImportOnlyWhatTheArrowsAllow(String module, String allowed) {
    var packages = Arrays.stream(allowed.split(" ", -1))
        .map(name -> "org.posthorn." + name + "..")
        .toArray(String[]::new);
    noClasses().that()
        .resideInAPackage("org.posthorn." + module + "..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("org.posthorn..").and(resideOutsideOfPackages(packages)))
        .check(PRODUCT);
  }

  @ParameterizedTest(name = "{0} only in {1}")
  @CsvSource({"org.xbill, org.posthorn.dns", "com.github.benmanes.caffeine, org.posthorn.dns",
      "org.h2, org.posthorn.queue.h2", "java.sql, org.posthorn.queue.h2", "jakarta.mail, org.posthorn.queue.dsn",
      "io.netty, org.posthorn.daemon", "picocli, org.posthorn.daemon", "ch.qos.logback, org.posthorn.daemon",
      "org.tomlj, org.posthorn.daemon.config",
      "com.unboundid, org.posthorn.daemon.auth.ldap", "com.password4j, org.posthorn.daemon.auth",
      "com.ongres, org.posthorn.daemon.auth",
      "io.prometheus, org.posthorn.daemon",
      "tools.jackson.databind, org.posthorn.daemon"})
  void librariesStayWhereTheyBelong(String library, String home) {
    noClasses().that()
        .resideOutsideOfPackage(home + "..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library + "..")
        .check(PRODUCT);
  }

  @Test
  void packagesOfTheDaemonStandInNoCircle() {
    SlicesRuleDefinition.slices().matching("org.posthorn.daemon.(**)").should().beFreeOfCycles().check(PRODUCT);
  }

  @Test
  void nettyStaysAtTheEdgeOfTheDaemon() {
    noClasses().that()
        .resideOutsideOfPackages("org.posthorn.daemon.inbound.netty..", "org.posthorn.daemon.admin..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.netty..")
        .check(PRODUCT);
  }

  @Test
  void timeComesFromAnInjectedSource() {
    noClasses().that()
        .haveSimpleNameNotEndingWith("Main")
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Clock.class, "systemUTC")
        .check(PRODUCT);
  }

  @Test
  void namesSayWhatAThingIs() {
    classes().that()
        .areNotAnonymousClasses()
        .should()
        .haveNameNotMatching(".*(Impl|Manager|Utils?|Helper|Handler|Service|Processor)$")
        .andShould()
        .haveNameNotMatching(".*\\.(Abstract|Base|I)[A-Z][a-z]\\w*$")
        .check(PRODUCT);
  }
}
