// `node graphql_echo.js PORT`: graphql-ws on npm's ws, as its documentation starts it. `echo` is a query and a subscription.
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from "graphql";
import { useServer } from "graphql-ws/lib/use/ws";
import { WebSocketServer } from "ws";

const args = { text: { type: GraphQLString } };
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: "Query", fields: { echo: { type: GraphQLString, args, resolve: (_, { text }) => text } },
  }),
  subscription: new GraphQLObjectType({
    name: "Subscription",
    fields: { echo: { type: GraphQLString, args, subscribe: async function* subscribe(_, { text }) { yield { echo: text }; } } },
  }),
});

useServer({ schema }, new WebSocketServer({
  host: "127.0.0.1", port: Number(process.argv[2]), path: "/graphql", perMessageDeflate: true,
}));
