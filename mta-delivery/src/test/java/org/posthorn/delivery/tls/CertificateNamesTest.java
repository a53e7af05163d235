package org.posthorn.delivery.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertificateNamesTest {
  @ParameterizedTest(name = "{0} covers {1}: {2}")
  @CsvSource({
      "mx.example.org, mx.example.org, true",
      "mx.example.org, mx2.example.org, false",
      "*.example.org, mx.example.org, true",
      "*.example.org, a.mx.example.org, false",
      "*.example.org, example.org, false",
      "m*.example.org, mx.example.org, false",
      "*.org, example.org, false",
      "*, localhost, false",
      "localhost, localhost, true"})
  void aWildcardStandsForOneLabelBelowADomain(String name, String host, boolean isCovered) {
    assertThat(CertificateNames.covers(List.of(name), host)).isEqualTo(isCovered);
  }
}
