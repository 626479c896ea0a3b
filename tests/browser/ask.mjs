// Ask an endpoint as two JavaScript clients do, and print what each found as rows of plain values.
import { SparqlEndpointFetcher } from "fetch-sparql-endpoint";
import Client from "sparql-http-client/SimpleClient.js";
import Parsing from "sparql-http-client/ParsingClient.js";

const [endpointUrl, query] = process.argv.slice(2);

const parsed = await new Parsing({ endpointUrl }).query.select(query);
const parsing = parsed.map((row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, v.value])));

const answer = await new Client({ endpointUrl }).query.select(query);
const simple = (await answer.json()).results.bindings.map((row) =>
  Object.fromEntries(Object.entries(row).map(([k, v]) => [k, v.value])));

const fetcher = new SparqlEndpointFetcher();
const fetched = [];
for await (const row of await fetcher.fetchBindings(endpointUrl, query)) {
  fetched.push(Object.fromEntries(Object.entries(row).map(([k, v]) => [k, v.value])));
}
console.log(JSON.stringify({ parsing, simple, fetched }));
