export default function Page() {
  return <p>The log is at /log</p>;
}
